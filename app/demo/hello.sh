#!/usr/bin/env bash
# The first run: what a script gets to know about itself.
set -euo pipefail

bold=$'\e[1m' green=$'\e[32m' dim=$'\e[2m' off=$'\e[0m'
row() { printf '  %s%-12s%s %s\n' "$dim" "$1" "$off" "${2:-–}"; }

printf '%s%sHello, %s!%s\n\n' "$bold" "$green" "${SEMAPHORE_TASK_DETAILS_USERNAME:-world}" "$off"
sleep 1

echo "This run:"
row "number" "${SEMAPHORE_TASK_DETAILS_ID:-}"
row "message" "${SEMAPHORE_TASK_DETAILS_MESSAGE:-}"
row "repository" "${SEMAPHORE_TASK_DETAILS_REPOSITORY_NAME:-}"
commit="${SEMAPHORE_TASK_DETAILS_COMMIT_HASH:-}"
row "commit" "${commit:0:8} ${SEMAPHORE_TASK_DETAILS_COMMIT_MESSAGE:-}"
row "arguments" "$*"
echo
sleep 1

echo "This machine:"
row "name" "$(uname -n)"
row "system" "$(uname -sr)"
row "bash" "$BASH_VERSION"
row "user" "$(id -un 2>/dev/null || id -u)"
row "directory" "$PWD"
echo
sleep 1

printf '%sDone.%s Change this script in a repository of your own, and run it from there.\n' "$green" "$off"
