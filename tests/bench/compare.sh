#!/usr/bin/env bash
# Processor time of espdump and tshark on the same capture, alternately.
#   compare.sh BUILD_DIRECTORY [PACKETS [INNER_SIZE [SAS [RUNS]]]]
set -euo pipefail
build=$(realpath "${1:?name the build directory}")
packets=${2:-100000} inner_size=${3:-1400} sas=${4:-1} runs=${5:-5}

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
"$build/tests/bench/make_capture" "$packets" "$inner_size" "$sas" "$directory"
cd "$directory"

# Prints user and system seconds of a command, whose output is thrown away.
processor_time() {
  local TIMEFORMAT='%U %S'
  { time "$@" >/dev/null 2>errors; } 2>&1 | awk '{print $1 + $2}'
}
median() { sort -n "$1" | awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)]}'; }

run_espdump() { processor_time "$build/espdump" -q capture.pcap --keys xfrm-state.txt >>espdump.times; }
tables=()
while read -r row; do tables+=(-o "uat:esp_sa:$row"); done <esp_sa
tshark_command=(tshark -n -r capture.pcap -o esp.enable_encryption_decode:TRUE "${tables[@]}" -Y udp -T fields
  -e udp.dstport)
run_tshark() { processor_time "${tshark_command[@]}" >>tshark.times; }

summary=$("$build/espdump" -q capture.pcap --keys xfrm-state.txt)
[[ $summary == *" $packets opened"* || $summary == *"all opened"* ]] || {
  echo "espdump did not open every packet" >&2
  exit 1
}
echo "$packets packets with $inner_size bytes inside, $sas SAs, $runs runs; median of user and system time"
if ! command -v tshark >/dev/null; then
  for ((run = 0; run < runs; ++run)); do run_espdump; done
  echo "espdump $(median espdump.times) s; tshark is not installed"
  exit
fi
opened=$("${tshark_command[@]}" 2>errors | wc -l)
((opened == packets)) || {
  echo "tshark opened $opened of $packets packets" >&2
  exit 1
}
for ((run = 0; run < runs; ++run)); do
  run_espdump
  run_tshark
done
awk -v espdump="$(median espdump.times)" -v tshark="$(median tshark.times)" \
  'BEGIN {printf "espdump %.2f s, tshark %.2f s, ratio %.1f\n", espdump, tshark, tshark / espdump}'
