#!/usr/bin/env bash
# Boots the hub, without any node: `carnival up --no-wagons`. What follows is passed on, e.g. ./launch_ringmaster.sh --listen
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
fail() { echo "launch_ringmaster.sh: $1" >&2; exit 1; }
command -v node >/dev/null || fail "node is missing: install Node 20 or newer from nodejs.org"
[ -d node_modules ] || fail "what it needs is not installed: run npm ci"
exec node cli/bin/carnival.mjs up --no-wagons "$@"
