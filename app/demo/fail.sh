#!/usr/bin/env bash
# A run that fails on purpose: this is how it looks, and where the reason stands.

red=$'\e[31m' off=$'\e[0m'

echo "Looking for the configuration …"
sleep 1
printf '%sError: demo.conf was not found.%s\n' "$red" "$off" >&2
echo
echo "This failure is part of the demo. A run fails when its script ends with an exit code other"
echo "than 0; here it is 3. The line above is what a script should leave behind: what went wrong,"
echo "in words, on standard error. The page shows both in the order in which they were written."
exit 3
