#!/usr/bin/env bash
# On large captures with accidents, every kind of output is the same with any number of threads.
#   threads_test.sh ESPDUMP MAKE_CAPTURE [PACKETS [THREADS...]]
set -euo pipefail
espdump=$1 make_capture=$2 packets=${3:-20000}
counts=("${@:4}")
((${#counts[@]} != 0)) || counts=(1 2 3 8)
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
failures=0

# same NAME OPTION...: with one thread and with each of the numbers.
same() {
  local name=$1 threads
  shift
  run() { "$espdump" "$directory/capture.pcap" "$@" -j "$threads"; }
  threads=1
  run "$@" -w "$directory/one.pcapng" >"$directory/one" 2>"$directory/one.errors"
  for threads in "${counts[@]}"; do
    run "$@" -w "$directory/several.pcapng" >"$directory/several" 2>"$directory/several.errors"
    for output in "" .pcapng .errors; do
      cmp "$directory/one$output" "$directory/several$output" && continue
      echo "$name: $threads threads: other ${output:-lines}"
      failures=$((failures + 1))
    done
  done
}
# make OPTION...: a capture whose numbers are lost, late, repeated and altered.
make() {
  "$make_capture" "$directory" --packets "$packets" --size imix --loss 1 --reorder 1 --replay 1 --bad-icv 1 "$@" >/dev/null
}

keys=(--keys "$directory/xfrm-state.txt")
make --sas 50
same lines "${keys[@]}"
same times "${keys[@]}" -ttt
same json "${keys[@]}" --json
same report "${keys[@]}" -q
same filtered "${keys[@]}" -v -f "greater 200" --inner-filter "udp dst port 54001" -c $((packets / 2))
# The high half of numbers changes on the way, with NAT traversal over IPv6, and another library opens.
make --sas 3 --esn --nat-t --family 6 --first 4294966000 --suite aes256-sha256
same esn "${keys[@]}" --json
same tree "${keys[@]}" -V -c 2000 --crypto openssl
# As many SAs as are asked for ahead with one thread.
make --sas 400
same "many SAs" "${keys[@]}"
if (("$(wc -l <"$directory/one")" < packets)); then
  echo "too few lines: nothing was compared"
  failures=$((failures + 1))
fi
exit $((failures != 0))
