#!/usr/bin/env bash
# Boots one edge node: ./launch_node.sh <PORT> <ROLE>. It joins the hub of this machine, or by CARNIVAL_JOIN_TOKEN one elsewhere; what follows is passed on
# to `carnival wagon`. NODE_ID (environment or .env) names it; else it is the host name and the role, so that several fit on one machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
fail() { echo "launch_node.sh: $1" >&2; exit 1; }
usage() { echo "launch_node.sh: $1; usage: ./launch_node.sh <PORT> <ROLE>, e.g. ./launch_node.sh 8081 OSINT" >&2; exit 2; }
[ $# -ge 2 ] || usage "a port and a role are needed"
port=$1 role=$2
shift 2
[[ $port =~ ^[0-9]{1,5}$ ]] && ((10#$port >= 1 && 10#$port <= 65535)) || usage "$(printf '%q' "$port") is no port from 1 to 65535"
[[ $role =~ ^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$ ]] || usage "$(printf '%q' "$role") is no role: one word such as OSINT"
command -v node >/dev/null || fail "node is missing: install Node 20 or newer from nodejs.org"
[ -d node_modules ] || fail "what it needs is not installed: run npm ci"
if [ -z "${NODE_ID:-}" ] && ! grep -qsE '^[[:space:]]*(export[[:space:]]+)?NODE_ID[[:space:]]*=' .env Self-R/.env; then
  export NODE_ID="$(uname -n | cut -d. -f1)-$role"
fi
exec node cli/bin/carnival.mjs wagon --port "$((10#$port))" --role "$role" "$@"
