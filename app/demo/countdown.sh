#!/usr/bin/env bash
# Counts down for half a minute. Press Stop: the script is asked to end, and says so.

stop() {
  echo
  echo "Asked to stop with $1 seconds to go: cleaning up and leaving."
  exit 143
}

left="${1:-30}"
trap 'stop "$left"' TERM
for (( ; left > 0; left--)); do
  printf '\e[33m%2d\e[0m seconds to go\n' "$left"
  # Bash runs a trap only between two commands; a wait for a background sleep ends at once.
  sleep 1 &
  wait $!
done
echo "Lift-off."
