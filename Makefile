# Every chore has one command; people and CI use the same.
PYTHON ?= python3
export PYTHON
RUN := .venv/bin/python -m docker.local

.PHONY: frontend screenshots audit token keys soak learn fuzz peers docker-up docker-down install up demo test check bench schema admin clean help

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: ## prepare both environments and the servers; starts nothing
	@docker/local/install.sh

up: ## run the whole system until Ctrl-C
	@docker/local/install.sh application
	@$(RUN) up

demo: ## load a register into the running system and show the main job
	@docker/local/install.sh demo
	@$(RUN) demo

test: ## pass every test
	@docker/local/install.sh test
	@[ ! -d frontend/node_modules ] || docker/local/npm.sh test --silent
	@$(RUN) test

screenshots: ## pictures of the application for its README, taken of the running system
	@docker/local/install.sh test
	@.venv/bin/python -m tests.browser.screenshots

bench: ## measure the hot paths, on a system of its own, and matching as the register grows; ROWS="10000000"
	@docker/local/install.sh demo
	@.venv/bin/python -m tests.benchmarks
	@.venv/bin/python -m tests.benchmarks.growth $(if $(ROWS),--rows $(ROWS))

frontend: ## develop the application against the running system, on http://localhost:5173
	@docker/local/install.sh packages
	@docker/local/npm.sh run dev

soak: install ## load the gateway while its subgraphs die and lie; MINUTES=30
	@.venv/bin/python -m tests.benchmarks.gateway.soak --minutes $(or $(MINUTES),30)

check: SHELL := /bin/bash -o pipefail
check: install ## lint, format, types, boundaries
	@docker/local/install.sh packages
	@docker/local/npm.sh run --silent check
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/lint-imports | tail -n 18
	@.venv/bin/mypy gateway_graphql workers realtime docker subgraphs/chassis subgraphs/chassis_strawberry subgraphs/accounts subgraphs/subscribers subgraphs/matching subgraphs/suggestions subgraphs/operations tests/journeys tests/browser tests/audit tests/local tests/benchmarks
	@.venv-graphene/bin/mypy subgraphs/chassis_graphene subgraphs/addresses subgraphs/notifications subgraphs/monolith subgraphs/discounts subgraphs/logs

fuzz: install ## try thousands of random federated graphs against a monolith; N=2000 SEED=…
	@.venv/bin/python -m tests.gateway_graphql.differential --examples $(or $(N),2000) $(if $(SEED),--seed $(SEED))

peers: install ## compare with the npm gateways, their composition and their plans (needs npm)
	@npm ci --prefix tests/peers --no-audit --no-fund --silent
	@.venv/bin/python -m tests.peers composition; compared=$$?; .venv/bin/python -m tests.peers plans; planned=$$?; .venv/bin/python -m tests.peers gateways && exit $$((compared + planned))

learn: ## fit the weights of the evidence anew; REVIEWS=1: also from what reviewers decided in the running system
	@docker/local/install.sh demo
	@$(RUN) learn $(if $(REVIEWS),reviews)

schema: install ## write what follows from the code anew: schemas, supergraph, OpenAPI, reference, who may reach what
	@$(RUN) schema
	@.venv/bin/python -m tests.contracts.access
	@.venv/bin/python -m tests.contracts.reference

token: ## an access token for the running system: ROLE=subscriber, reviewer, operator or admin
	@$(RUN) token $(or $(ROLE),subscriber)

keys: ## give every service of the running system a new key and certificate; nothing stops
	@docker/keys.sh

audit: ## look for known vulnerabilities of what is locked; 3: the service that knows them cannot be reached
	@docker/local/install.sh audit
	@$(RUN) audit

admin: install ## create a user for the admin pages of the register, or SERVICE=monolith, on the running system
	@$(RUN) admin $(or $(SERVICE),addresses)

docker-up: ## the same system in containers; needs Docker alone
	@docker/up.sh

docker-down: ## stop the containers, keep their data
	@docker compose --file docker/compose.yaml --env-file .doorstep/docker.env down

clean: ## remove everything that was installed or written
	@rm -rf .doorstep .venv .venv-graphene tests/peers/node_modules tests/audit/node_modules frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
