#!/usr/bin/env bash
# work.sh FOLDER LINES CODE: say LINES lines, ten a second, and more while the folder has a file
# "hold"; end with CODE. What it does is noted in a file of FOLDER before it is said, so that what
# the server knows can be compared with it.
attempt=$SEMAPHORE_TASK_DETAILS_ID.$$.${EPOCHREALTIME/./}
exec {truth}>>"$1/$attempt" {clock}<> <(:)
note() { echo "$EPOCHREALTIME $*" >&$truth; }

note start
echo "secret $CHAOS_SECRET"
(trap '' TERM HUP; exec setsid sleep 1000) &  # it holds the output open, and hears no signal
for ((line = 0; ; line++)); do
  ((line < $2)) || [ -e "$1/hold" ] || break
  note line
  echo "line $attempt $line"
  read -rt 0.1 -u $clock
done
note end
exit "$3"
