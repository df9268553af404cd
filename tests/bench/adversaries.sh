#!/usr/bin/env bash
# Holds hostile captures against a usual one: CPU per packet, and memory, within twice.
#   adversaries.sh BUILD_DIRECTORY [PACKETS]
# Needs a release build with tests/bench. Runs alternate; numbers are medians of RUNS (3) runs. OPTIONS are given to espdump.
set -euo pipefail
build=$(realpath "${1:?name the build directory}")
packets=${2:-1000000} runs=${RUNS:-3}
tools=$build/tests/bench espdump=$build/espdump
read -ra options <<<"${OPTIONS:-}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What every packet carries at most in the usual case, and what a huge one costs is by the byte, not by the packet.
declare -A share=([jumbo]=100)
kinds=(spis forged forged-one-source fragments pieces jumps jumps-esn gaps backwards replays connections sent-again
  streams ike icmp empty jumbo slots keys)
make() { # KIND
  local count=$((packets / ${share[$1]:-1}))
  mkdir -p "$work/$1"
  "$tools/make_adversary" "$1" "$count" "$work/$1"
  # Its first packet alone: what the start takes, with these keys.
  mkdir -p "$work/$1.start"
  ln -sf "$work/$1/xfrm-state.txt" "$work/$1.start/xfrm-state.txt"
  cat "$work/$1/capture.pcap" >/dev/null
}
sample() { # KIND
  "$tools/measure" "$work/$1.times" "$espdump" "$work/$1/capture.pcap" --keys "$work/$1/xfrm-state.txt" -q \
    "${options[@]}" >/dev/null
  "$tools/measure" "$work/$1.starts" "$espdump" "$work/$1/capture.pcap" --keys "$work/$1/xfrm-state.txt" -q -c 1 \
    "${options[@]}" >/dev/null
}
middle() { sort -n | awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)]}'; }
cpu() { awk '{print $1 + $2}' "$1" | middle; }
peak() { awk '{print $4}' "$1" | middle; }
compute() { awk "BEGIN {printf \"$1\", $2}"; }
# Nanoseconds per packet beyond the start; KiB beyond the start.
each() { compute %.0f "($(cpu "$work/$1.times") - $(cpu "$work/$1.starts")) * 1000 / $((packets / ${share[$1]:-1}))"; }
memory() { compute %.0f "$(peak "$work/$1.times") - $(peak "$work/$1.starts")"; }

make usual
printf '| packets | CPU, ns a packet | against usual | memory beyond the start, MiB | against usual |\n|---|---|---|---|---|\n'
for kind in "${kinds[@]}"; do
  make "$kind"
  for ((run = 0; run < runs; ++run)); do
    sample usual
    sample "$kind"
  done
  printf '| %s | %s | %s | %s | %s |\n' "$kind" "$(each "$kind")" "$(compute %.2f "$(each "$kind") / $(each usual)")" \
    "$(compute %.1f "$(memory "$kind") / 1024")" "$(compute %.2f "$(memory "$kind") / $(memory usual)")"
  rm -r "${work:?}/$kind"
done
printf '| usual | %s | 1 | %s | 1 |\n' "$(each usual)" "$(compute %.1f "$(memory usual) / 1024")"
