#!/usr/bin/env bash
# `make docker-up`: the whole system in containers. Needs Docker with compose v2 and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
state=${DOORSTEP_STATE:-.doorstep}
passwords=$state/docker.env
compose() { docker compose --file docker/compose.yaml --env-file "$passwords" "$@"; }

mkdir -p "$state"
# Compose wants every variable to read its file, also for building: the passwords are made by the image they are for.
docker build --quiet --tag doorstep/workers --file docker/worker.Dockerfile . >/dev/null
if [ -e "$passwords" ] && ! grep -q '^SERVER_PASSWORDS=' "$passwords"; then mv "$passwords" "$passwords.before"; fi
# Passwords are made once; what follows from them is written anew, for an earlier version had other services and rights.
(
    umask 077
    touch "$passwords"
    docker run --rm --interactive --volume "$PWD/docker:/app/docker:ro" doorstep/workers \
        python -m docker.local.keys <"$passwords" >"$passwords.new"
    mv "$passwords.new" "$passwords"
)
compose build
compose up --detach --wait
# What the monolith has, for the service that takes over from it (subgraphs/monolith/README.md); harmless to repeat.
compose exec -T monolith python -m subgraphs.monolith export | compose exec -T discounts python -m subgraphs.discounts import || true
compose cp gateway:/keys/ca.pem "$state/docker-ca.pem" 2>/dev/null
printf '\nDoorstep is up: https://127.0.0.1:%s/graphql (playground: /graphiql), mailbox http://127.0.0.1:%s\n' \
    "${GATEWAY_PORT:-8000}" "${MAILBOX_PORT:-8026}"
printf 'Its authority is its own: curl --cacert %s; a browser asks once, or imports that file.\n' "$state/docker-ca.pem"
printf 'make demo shows what it does; make docker-down stops it and keeps its data.\n'
