# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# --redact and --pseudonyms: what is left can be handed on, and says the same.

# All addresses, names and codes that a report of a capture has.
told_addresses() {
  "$espdump" "$@" --json 2>/dev/null | grep -oE '"(src|dst|initiator|responder)":"[^"]+"' | cut -d'"' -f4 | sort -u
}
told_codes() { grep -oE '"type":"finding","code":"[^"]+"' "$1" | sort | uniq -c; }

group_redact() {
  local scenario capture keys address
  head -c 32 /dev/urandom >key
  for scenario in replay-and-icv mss-mtu-a-blackhole nested-esp-in-esp beet-natt-chacha20 ah-tunnel-v4 transport-esp-v6; do
    capture=$testdata/captures/$scenario/wire.pcap
    keys=$testdata/captures/$scenario/xfrm-state.txt
    told_addresses "$capture" -k "$keys" | grep -vE '^(224\.|ff0|127\.|0\.0\.0\.0|255\.)' >addresses
    [[ -s addresses ]] || fail "$scenario: no addresses"
    run 0 "$capture" -k "$keys" --json
    told_codes out >codes
    run 0 "$capture" -k "$keys" --json --pseudonyms key -w inner.pcapng --html page.html
    told_codes out >codes.pseudonyms
    cmp codes codes.pseudonyms || fail "$scenario: other findings with pseudonyms"
    cp out all
    run 0 "$capture" -k "$keys" -V -x --pseudonyms key
    cat out page.html >>all
    tr -d '\0' <inner.pcapng >>all
    while IFS= read -r address; do
      if grep -qE "(^|[^0-9a-f.:])${address//./\\.}([^0-9a-f.:]|\$)" all; then fail "$scenario: $address is told"; fi
    done <addresses
  done
  # The same key gives the same names, another one others.
  capture=$testdata/captures/replay-and-icv/wire.pcap
  keys=$testdata/captures/replay-and-icv/xfrm-state.txt
  run 0 "$capture" -k "$keys" --pseudonyms key
  cp out first
  run 0 "$capture" -k "$keys" --pseudonyms key -j 4
  cmp out first || fail "pseudonyms differ between runs"
  run 0 "$capture" -k "$keys" --pseudonyms /dev/urandom
  if cmp -s out first; then fail "another key gives the same pseudonyms"; fi
  printf 'short' >short
  run 2 "$capture" --pseudonyms short
  says err '^espdump: short: has fewer than 16 bytes.*head -c 32 /dev/urandom'
  run 2 "$capture" --pseudonyms nosuch
  says err '^espdump: nosuch: cannot be read'

  run 0 "$capture" -k "$keys" -q --pseudonyms key -f 'host 10.9.1.1' --html filtered.html
  grep -q -- '--filter (left out)' filtered.html || fail "the page does not tell of the filter"
  if grep -q '10\.9\.1\.1' filtered.html; then fail "the filter tells an address"; fi

  # Without payloads packets are as long as they were, and as much of them is there as headers are.
  run 0 "$capture" -k "$keys" -q --redact -w short.pcap --inner-filter 'udp'
  run 0 "$capture" -k "$keys" -q -w long.pcap --inner-filter 'udp'
  if command -v tshark >/dev/null; then
    tshark -r short.pcap -T fields -e frame.len -e ip.src -e udp.dstport 2>/dev/null >short.fields
    tshark -r long.pcap -T fields -e frame.len -e ip.src -e udp.dstport 2>/dev/null >long.fields
    cmp short.fields long.fields || fail "redacted packets have other headers or lengths"
    [[ $(tshark -r short.pcap -T fields -e frame.cap_len 2>/dev/null | sort -u) == 28 ]] || fail "more than headers is left"
  fi
  (($(stat -c %s short.pcap) < $(stat -c %s long.pcap))) || fail "nothing was left out"
}
