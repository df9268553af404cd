#!/usr/bin/env bash
# Runs docs/cluster/parallel.sh with GNU parallel.   parallel_test.sh ESPDUMP CAPTURE KEYS
# Exit 77: there is no GNU parallel here.
set -euo pipefail
espdump=$(realpath "$1") capture=$(realpath "$2") keys=$(realpath "$3")
here=$(cd "$(dirname "$0")" && pwd)
cluster=$(cd "$here/../../docs/cluster" && pwd)
parallel --version 2>/dev/null | grep -q GNU || { echo "parallel: not GNU parallel, or not there"; exit 77; }

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place PARALLEL_OPTIONS="--will-cite --jobs 2"
mkdir "$place"/{bin,ring,parts}
ln -s "$espdump" "$place/bin/espdump"
export PATH=$place/bin:$PATH
/usr/bin/python3 "$here/ring.py" "$capture" "$place/ring" 6
ls "$place"/ring/*.pcap >"$place/list.txt"
mapfile -t captures <"$place/list.txt"
espdump "${captures[@]}" --keys "$keys" -q --json >"$place/one.json"

# A task that fails: no merge, and nothing of it is left.
mv "$place/ring/3.pcap" "$place/away"
if "$cluster/parallel.sh" "$place/list.txt" "$keys" "$place/parts" "$place/report.json" 2>"$place/err"; then
  echo "parallel: went on without a capture"
  exit 1
fi
[[ ! -e $place/report.json && ! -e $place/parts/4.esp ]] || { echo "parallel: half a job left something"; exit 1; }

# Started again it does what is missing.
mv "$place/away" "$place/ring/3.pcap"
[[ ! -e $place/parts/5.esp ]] || { echo "parallel: a task did without the capture before it"; exit 1; }
touch -d '1 hour ago' "$place"/parts/*.esp
"$cluster/parallel.sh" "$place/list.txt" "$keys" "$place/parts" "$place/report.json"
cmp "$place/report.json" "$place/one.json"
[[ $(find "$place/parts" -name '*.esp' -mmin -30 | wc -l) == 2 ]] || { echo "parallel: tasks were done twice"; exit 1; }

# The same of ranges of one capture.
{ head -c 24 "$capture"; for _ in 1 2 3 4 5 6 7 8; do tail -c +25 "$capture"; done; } >"$place/long.pcap"
espdump index "$place/long.pcap" --slice 100K >"$place/ranges.txt"
(($(wc -l <"$place/ranges.txt") > 2)) || { echo "parallel: nothing to split"; exit 1; }
mkdir "$place/range-parts"
"$cluster/parallel.sh" "$place/ranges.txt" "$keys" "$place/range-parts" "$place/report.json"
espdump "$place/long.pcap" --keys "$keys" -q --json >"$place/one.json"
cmp "$place/report.json" "$place/one.json"
echo "parallel: six tasks and a merge, taken up after a failure; the report is that of one run, of ranges, too"
