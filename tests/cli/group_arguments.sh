# shellcheck shell=bash disable=SC2154
# What is typed: help, version, mistakes.
group_arguments() {
  run 2
  silent out
  says err '^Usage: espdump CAPTURE'
  says err 'ip xfrm state'

  run 0 --help
  silent err
  (($(wc -l <out) <= 50)) || fail "help is longer than 50 lines"
  (($(LC_ALL=C.UTF-8 wc -L <out) <= 100)) || fail "help is wider than 100 columns"
  for option in --keys --policy --filter --inner-filter --count --write --json --quiet --fail-on --color --verify-only --crypto --threads; do says out "$option"; done
  says out 'Exit status'
  cp out help
  run 0 -h
  cmp -s out help || fail "-h and --help differ"

  run 0 --version
  says out '^espdump [0-9]+\.[0-9]+'
  says out 'OpenSSL'
  says out '^(no libgcrypt|libgcrypt [0-9.]+)$'
  says out '^(no nettle|nettle [0-9.]+)$'
  says out '^(no libipsec-mb|libipsec-mb [0-9.]+)$'
  silent err

  run 2 --nosuch "$good/wire.pcap"
  silent out
  says err '^espdump: .*--nosuch'
  says err 'espdump --help'
  run 2 --keys
  says err 'FILE'
  run 2 "$good/wire.pcap" -c 0
  says err "'0'"
  run 2 "$good/wire.pcap" -c -3
  run 2 "$good/wire.pcap" -c many
  says err "'many'"
  for threads in 0 65 -1 many; do
    run 2 "$good/wire.pcap" -j "$threads"
    says err '^espdump: --threads: '
  done
  run 2 "$good/wire.pcap" --fail-on disaster
  says err 'warning'
  run 2 "$good/wire.pcap" --color=maybe
  says err 'always'
  run 2 "$good/wire.pcap" --crypto nettle
  says err "'nettle' is none of auto, ipsec-mb, openssl"

  # Options that contradict each other open and print nothing.
  run 2 "$good/wire.pcap" --json -w -
  silent out
  says err 'standard output'
  run 2 "$good/wire.pcap" --verify-only -w inner.pcap
  run 2 "$good/wire.pcap" --verify-only --inner-filter icmp
  run 2 - --keys -
  says err 'standard input'
  run 2 --keys "$good/xfrm-state.txt"
  says err 'no capture'
  [[ ! -e inner.pcap ]] || fail "inner.pcap was written"

  # Keys may stand before the capture, in every spelling.
  run 0 -q -k "$good/xfrm-state.txt" "$good/wire.pcap"
  says out '38 ESP packets: 38 opened'
  cp out before
  run 0 -q --keys="$good/xfrm-state.txt" "$good/wire.pcap"
  cmp -s out before || fail "differs from -k"
  run 0 -qk "$good/xfrm-state.txt" -- "$good/wire.pcap"
  cmp -s out before || fail "differs from -k"
}
