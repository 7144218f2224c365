#!/usr/bin/env bash
# `make keys`: new keys and certificates for everybody in the running system, in containers or without; nothing stops.
set -euo pipefail
cd "$(dirname "$0")/.."
passwords=${DOORSTEP_STATE:-.doorstep}/docker.env
compose() { docker compose --file docker/compose.yaml --env-file "$passwords" "$@"; }

if [ -e "$passwords" ] && [ -n "$(compose ps --quiet gateway 2>/dev/null)" ]; then
    compose --progress quiet run --rm --no-deps keys python -m docker.local.hand_out /keys --new
    # MongoDB and Redis read their certificates again when they are told to; everybody else looks by itself.
    compose --progress quiet run --rm --no-deps prepare-servers
    printf 'every container has new keys and a new certificate; what is running takes them up by itself\n'
else
    docker/local/install.sh
    .venv/bin/python -m docker.local keys change
fi
