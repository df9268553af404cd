#!/usr/bin/env bash
# What make_capture says it wrote is what espdump finds.   make_capture_test.sh ESPDUMP MAKE_CAPTURE
set -euo pipefail
espdump=$1 make_capture=$2
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
failures=0

# Counts of all SAs together, as espdump reports them: "NAME COUNT ..." of the names asked for.
counted() {
  "$espdump" -q --json "$directory/capture.pcap" --keys "$directory/xfrm-state.txt" >"$directory/report"
  local name
  for name in "$@"; do
    awk -v name="$name" '/"type":"sa"/ && match($0, "\"" name "\":[0-9]+") {
        sum += substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
      } END {print name, sum + 0}' "$directory/report"
  done | paste -sd' '
}

# expect TEXT OPTION...
expect() {
  local expected=$1 found
  shift
  "$make_capture" "$directory" "$@" >"$directory/said"
  found=$(counted packets decrypted icv_bad)
  [[ $found == "$expected" ]] && return
  echo "$*: '$found' instead of '$expected'"
  failures=$((failures + 1))
}

for suite in aes128gcm16 aes256gcm16 aes128-sha1 aes256-sha256 chacha20poly1305 null-sha1; do
  for size in 64 imix; do
    expect "packets 240 decrypted 240 icv_bad 0" --packets 240 --suite $suite --size $size --sas 7
    expect "packets 240 decrypted 240 icv_bad 0" --packets 240 --suite $suite --size $size --esn --nat-t --family 6 \
      --first 4294967200
  done
done
expect "packets 2000 decrypted 2000 icv_bad 0" --packets 2000 --sas 1000 --nat-t
expect "packets 500 decrypted 0 icv_bad 500" --packets 500 --bad-icv 100

# Accidents: the same twice, and as many as it says. What is altered on the way is lost or a replay, too.
accidents=(--packets 20000 --sas 3 --loss 1 --reorder 1 --replay 1 --bad-icv 1)
"$make_capture" "$directory" "${accidents[@]}" >"$directory/said"
mv "$directory/capture.pcap" "$directory/first.pcap"
"$make_capture" "$directory" "${accidents[@]}" >"$directory/said"
cmp "$directory/capture.pcap" "$directory/first.pcap" || failures=$((failures + 1))
read -r _ _ lost _ _ reordered _ _ _ replayed _ bad _ <"$directory/said"
found=$(counted icv_bad lost reordered replayed stale)
read -r _ found_bad _ found_lost _ found_reordered _ found_replayed _ found_stale <<<"$found"
((bad > 100 && lost > 100 && reordered > 100 && replayed > 100 && found_bad == bad && found_lost >= lost &&
  found_lost <= lost + bad && found_reordered <= reordered && found_reordered >= reordered - bad &&
  found_replayed + found_stale <= replayed && found_replayed + found_stale >= replayed - bad)) || {
  echo "'$found' where make_capture says '$(<"$directory/said")'"
  failures=$((failures + 1))
}
exit $((failures > 0))
