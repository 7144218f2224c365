#!/usr/bin/env bash
# `make docker-up`: the whole system in containers. Needs Docker with compose v2 and nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."
keys=${DOORSTEP_STATE:-.doorstep}/docker.env
compose() { docker compose --file docker/compose.yaml --env-file "$keys" "$@"; }

mkdir -p "$(dirname "$keys")"
# Compose wants every variable to read its file, also for building: the keys are made by the image they are for.
docker build --quiet --tag doorstep/workers --file docker/worker.Dockerfile . >/dev/null
grep -q '^GATEWAY_SERVER_PASSWORD=' "$keys" 2>/dev/null || (umask 077 && docker run --rm --volume "$PWD/docker:/keys/docker:ro" --workdir /keys doorstep/workers \
    python -m docker.local.keys >"$keys")
compose build
compose up --detach --wait
printf '\nDoorstep is up: http://127.0.0.1:%s/graphql (playground: /graphiql), mailbox http://127.0.0.1:%s\n' \
    "${GATEWAY_PORT:-8000}" "${MAILBOX_PORT:-8026}"
printf 'make demo shows what it does; make docker-down stops it and keeps its data.\n'
