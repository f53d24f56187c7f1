#!/usr/bin/env bash
# 100,000 lines with colours, as fast as they can be written. Scroll, search, jump to a line.

echo "Writing 100,000 lines …"
awk 'BEGIN {
  split("31 32 33 34 35 36", colours, " ")
  split("alpha bravo charlie delta echo foxtrot golf hotel", hosts, " ")
  for (i = 1; i <= 99998; i++) {
    host = hosts[i % 8 + 1]
    if (i % 9973 == 0)
      printf "\033[1;31mFAILED\033[0m %06d %s.example: a needle in the haystack\n", i, host
    else
      printf "\033[%smok\033[0m %06d %s.example: checked in %d ms\n", colours[i % 6 + 1], i, host, i * 7 % 97
  }
}'
echo "Done: 100,000 lines."
