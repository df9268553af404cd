#!/usr/bin/env bash
# Every row of cases.txt that is of the main job gives, with several threads, what it gives with one.
#   threads.sh PROGRAM [THREADS...]
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
shift
counts=("$@")
((${#counts[@]} != 0)) || counts=(1 2 3 8)
got=$(mktemp)
trap 'rm -f "$got"' EXIT
rows=0 failed=0
while read -r name first; do
  case $first in gateway | keys | mtu | --* | "") continue ;; esac
  rows=$((rows + 1))
  for threads in "${counts[@]}"; do
    ESPDUMP_ARGUMENTS="-j $threads" "$here/row.sh" "$program" "$name" >"$got" &&
      cmp -s "$here/../../testdata/golden/$name.txt" "$got" && continue
    echo "$name differs with $threads threads:"
    diff -u "$here/../../testdata/golden/$name.txt" "$got" | head -20
    failed=1
  done
done < <(sed -nE 's/^([a-z0-9-]+) +\| *([^ |]*).*/\1 \2/p' "$here/cases.txt")
echo "$rows rows with ${counts[*]} threads"
((rows >= 50)) || { echo "too few rows: cases.txt is read wrongly" >&2; exit 1; }
exit "$failed"
