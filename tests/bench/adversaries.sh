#!/usr/bin/env bash
# Holds hostile captures against a usual one: CPU per packet, and memory, within twice.
#   adversaries.sh BUILD_DIRECTORY [PACKETS]
# Needs a release build with tests/bench. Runs alternate; numbers are medians of RUNS (3) runs. OPTIONS are given to
# espdump, KINDS names what is measured. Fails where something takes more than twice.
set -euo pipefail
build=$(realpath "${1:?name the build directory}")
packets=${2:-1000000} runs=${RUNS:-3}
tools=$build/tests/bench espdump=$build/espdump
read -ra options <<<"${OPTIONS:-}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is usual: sealed packets of 64 bytes, the messages of one IKE SA. Larger packets count by their bytes, deflated
# ones by those that come out.
declare -A against=([ike]=ike-usual [payloads]=ike-usual [proposals]=ike-usual [ike-pieces]=ike-usual)
declare -A bulk=([jumbo]=580 [headers]=12 [tunnels]=12 [sealed-tunnels]=12 [payloads]=12 [proposals]=12 [names]=12
  [aggregates]=12 [bombs]=580)
read -ra kinds <<<"${KINDS:-spis forged forged-one-source fragments pieces jumps jumps-esn gaps backwards replays \
connections sent-again streams ike icmp empty jumbo headers tunnels sealed-tunnels payloads proposals ike-pieces names \
aggregates bombs slots keys}"
make() { # KIND
  mkdir -p "$work/$1"
  "$tools/make_adversary" "$1" $((packets / ${bulk[$1]:-1})) "$work/$1"
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
# Nanoseconds per packet beyond the start; KiB beyond the start, which one packet with the same keys shows.
each() { compute %.0f "($(cpu "$work/$1.times") - $(cpu "$work/$1.starts")) * 1000 / $packets"; }
memory() { compute %.0f "$(peak "$work/$1.times") - $(peak "$work/$1.starts")"; }
holds() { awk "BEGIN {exit !($1)}"; }

failed=0
make usual
make ike-usual
printf '| packets | CPU, ns a packet | of the usual | memory beyond the start, MiB | of the usual |\n|---|---|---|---|---|\n'
for kind in "${kinds[@]}"; do
  usual=${against[$kind]:-usual}
  make "$kind"
  for ((run = 0; run < runs; ++run)); do
    sample usual
    sample "$usual"
    sample "$kind"
  done
  time=$(compute %.2f "$(each "$kind") / $(each "$usual")")
  room=$(compute %.2f "$(memory "$kind") / $(memory usual)")
  printf '| %s | %s | %s | %s | %s |\n' "$kind" "$(each "$kind")" "$time" \
    "$(compute %.1f "$(memory "$kind") / 1024")" "$room"
  if holds "$time > 2 || $room > 2"; then failed=1; fi
  rm -r "${work:?}/$kind"
done
for kind in usual ike-usual; do
  [[ -f $work/$kind.times ]] || continue
  printf '| %s | %s | 1 | %s | 1 |\n' "$kind" "$(each "$kind")" "$(compute %.1f "$(memory $kind) / 1024")"
done
exit $failed
