#!/usr/bin/env bash
# The end of a job: the report of all captures.   merge.sh LIST DIRECTORY REPORT
#
# Fails where the partial result of a capture is missing: a report without it would look like one.
set -euo pipefail
list=$1 directory=$2 report=$3

count=$(wc -l <"$list")
parts=()
for ((number = 1; number <= count; ++number)); do
  parts+=("$directory/$number.esp")
  [[ -e ${parts[-1]} ]] || { echo "merge.sh: ${parts[-1]} is missing" >&2; exit 2; }
done
espdump merge "${parts[@]}" --json >"$report.part" || (($? == 3))
mv "$report.part" "$report"
