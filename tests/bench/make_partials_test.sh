#!/usr/bin/env bash
# What is merged of generated partial results is what one run over the same traffic says, where numbers reach their 33rd
# bit, too.   make_partials_test.sh ESPDUMP MAKE_CAPTURE MAKE_PARTIALS
set -euo pipefail
espdump=$1 make_capture=$2 make_partials=$3
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
failures=0

# expect NAME TEXT FOUND
expect() {
  [[ $3 == "$2" ]] && return
  echo "$1: '$3' instead of '$2'"
  failures=$((failures + 1))
}

# The values of the one SA: numbers NAME...
of_sa() {
  local name out=""
  for name in "$@"; do
    out+=$(awk -v name="$name" '/"type":"sa"/ && match($0, "\"" name "\":[0-9]+") {
        print name, substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
      }' merged)
    out+=" "
  done
  echo "${out% }"
}

# The same packets in captures, `each` records of 150 bytes in each, under the names that partial results give them.
captures() {
  local slices=$1 each=$2 size=150 i
  for ((i = 0; i < slices; ++i)); do
    {
      head -c 24 capture.pcap
      tail -c +$((25 + i * each * size)) capture.pcap | head -c $((each * size)) || true
    } >"$(printf 'capture-%04d.pcap' $((i + 1)))"
  done
}

# expect_equal FIRST SLICES PACKETS: make_capture sends 100,000 packets a second.
expect_equal() {
  local first=$1 slices=$2 packets=$3
  rm -f ./*
  "$make_partials" . --first "$first" --slices "$slices" --packets "$packets" --apart 10 >said
  "$espdump" merge ./*.esp --json >merged 2>notes || expect "merging from $first on" "status 0" "status $?"
  expect "the SA from $first on" \
    "packets $packets decrypted $packets icv_ok $packets lost 0 replayed 0 reordered 0 last_seq $((first + packets - 1))" \
    "$(of_sa packets decrypted icv_ok lost replayed reordered last_seq)"
  "$make_capture" . --first "$first" --packets "$packets" --size 64 --esn --flows 1024 >said
  captures "$slices" $((packets / slices))
  "$espdump" capture-*.pcap --keys xfrm-state.txt -q --json >run || expect "a run from $first on" "status 0" "status $?"
  cmp run merged || expect "what is merged from $first on" "that of a run" "other"
}

expect_equal 32768 1 65536
expect_equal $((2 ** 32 - 65536)) 4 131072
expect_equal $((3 * 2 ** 32 + 32768)) 3 98304

# What is rounded up.
rm -f ./*
"$make_partials" . --first 32769 --slices 2 --packets 32769 >said
"$espdump" merge ./*.esp --json >merged
expect "rounded up" "packets 65536 first_seq 65536" "$(of_sa packets first_seq)"
exit $((failures > 0))
