# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# `espdump gateway`.

# protects STATUS CAPTURE INNER [OPTION]...: of a VPN gateway, with the keys next to the captures.
protects() {
  local status=$1 at=$captures/$2 inner=$3
  shift 3
  run "$status" gateway "$at/$inner.pcap" "$at/wire.pcap" --keys "$at/xfrm-state.txt" --protects "$@"
  silent err
}

protects_of_gateway() {
  protects 0 manual-tunnel-cbc-sha256 inner-c1
  says out '^PASS: 19 packets of the protected side left encrypted, once, unchanged; none in the clear$'
  says out '^protected side: 38 packets, 19 of them encrypted, 19 inbound, 0 of hosts that no SA is for, 0 not judged$'
  protects 0 manual-tunnel-cbc-sha256 inner-c2
  says out '^note: 4 packets did not leave, and ICMP told their senders so$'
  for scene in espintcp-emulated ipcomp-deflate-in-esp; do
    protects 0 "$scene" inner-c1
    protects 0 "$scene" inner-c2
  done
  protects 0 transport-esp-v6 inner-g1
  protects 0 mss-mtu-a-blackhole inner-c1
  says out '^note: 10 packets did not leave, and ICMP told their senders so$'

  # The kernel refuses IPv4 fragments under BEET, and nobody tells the sender.
  protects 1 beet-manual-4in6 inner-g1
  says out '^  did not leave encrypted: 2 packets; plain 29, plain 32$'
  protects 1 mss-mtu-c2-clamp-too-high inner-c1
  says out '^FAIL: 1 violation in 25 packets of the protected side$'
  says out "^  left altered: TCP MSS 1460 > 1380 \(TCP's MSS was clamped\): "
  says out '^      plain 7 > esp 7$'
  says out '^  gateway.modified: MSS clamping is usually meant: '
  protects 1 mss-mtu-c2-clamp-too-high inner-c1 --json
  says out '"code":"gateway.modified","severity":"error","ingress_frame":7,"egress_frame":7,'
  says out '"change":"TCP MSS 1460 > 1380",.*"remedy":"MSS clamping is usually meant'
  says out '"verdict":"fail"\}$'
  # Nobody can read a pipe twice: then the bytes do not tell what was changed.
  "$espdump" gateway - "$captures/mss-mtu-c2-clamp-too-high/wire.pcap" --protects \
    --keys "$captures/mss-mtu-c2-clamp-too-high/xfrm-state.txt" <"$captures/mss-mtu-c2-clamp-too-high/inner-c1.pcap" >out 2>err
  is 1 $?
  says out '^  left altered: 192.168.10.20 > 192.168.20.20 TCP; plain 7 > esp 7$'
  run 1 gateway good/inner-c1.pcap good/wire.pcap --egress good/inner-c1.pcap --keys good/xfrm-state.txt --protects --json
  says out '"code":"gateway.leaked-plaintext","severity":"error","ingress_frame":3,"egress_frame":3,"egress_file":'

  # What nobody can judge.
  protects 3 replay-and-icv inner-c1
  says out '22 of 365 packets cannot be judged: 22 where ESP numbers are missing in it'
  run 3 gateway good/wire.pcap good/inner-c1.pcap --keys good/xfrm-state.txt --protects
  says out 'the sides seem to be swapped'
  run 3 gateway good/inner-c1.pcap good/inner-c1.pcap --keys good/xfrm-state.txt --protects
  says out 'both captures are the same'
  run 3 gateway good/inner-c1.pcap good/wire.pcap --keys bad/xfrm-state.txt --protects
  says out 'no ESP packet'
  grep -v 'enc ' good/xfrm-state.txt >integrity.txt
  run 3 gateway good/inner-c1.pcap good/wire.pcap --keys integrity.txt --protects --json
  says out 'this needs the keys of the ciphers, too.*"verdict":"inconclusive"'
  head -c 24 good/wire.pcap >empty.pcap
  run 3 gateway good/inner-c1.pcap empty.pcap --keys good/xfrm-state.txt --protects
  says out 'the other capture has no ESP packet'
}

group_gateway() {
  ln -sfn "$captures/integrity-gateway-ok" ok
  ln -sfn "$captures/integrity-gateway-faulty" faulty
  local keys
  for keys in xfrm-state.txt keys-enc-null.txt; do
    run 0 gateway ok/ingress.pcap ok/egress.pcap --keys "ok/$keys"
    silent err
    says out '^PASS: 98 authentic packets forwarded unchanged, 18 bad ones stopped$'
    says out '^exercised: bad ICV 10, far ahead with a bad ICV 2, replay 6; no evidence about: '
    says out '^          SHA-256 4900c92b8e392aab203d0cdb11180f1af6bea8fb7ab7baffcd5b8f38e3f672df$'
    run 1 gateway faulty/ingress.pcap faulty/egress.pcap --keys "faulty/$keys"
    says out '^FAIL: 7 violations in 116 packets$'
    says out '^  leaked     2 packets with a bad ICV      in 25 > out 23, in 39 > out 34$'
    says out '^  leaked     1 replay                      in 49 > out 42 \(repeats in 45\)$'
    says out '^  dropped    2 authentic packets           in 15, in 75$'
    says out '^  modified   1 packet                      in 32 > out 28: byte 30 \('
    says out '^  duplicated 1 packet                      in 52 > out 46$'
    run 1 gateway faulty/ingress.pcap faulty/egress.pcap --keys "faulty/$keys" --json
    says out '"code":"gateway.leaked-replay","severity":"error","ingress_frame":49,"egress_frame":42,'
    says out '"verdict":"fail"}$'
    if has jq; then jq -e . out >/dev/null || fail "no JSON"; fi
    lacks out '0x[0-9a-f]{32}'
  done

  says out '"repeats_ingress_frame":45,'
  says out '"captured":\{"ingress":\{"frames":120,"from":"[0-9]+\.[0-9]{9}",'
  run 1 gateway faulty/ingress.pcap faulty/egress.pcap --keys faulty/xfrm-state.txt --allow-loss 2.5
  says out '^  2 of 97 authentic packets did not leave, no more than the 2.5 % that are allowed$'
  says out '^  gateway.leaked-replay: The gateway must keep a window'
  run 2 gateway ok/ingress.pcap ok/egress.pcap --keys ok/xfrm-state.txt --allow-loss 101
  says err 'not in range'

  # Several captures of a side, and options that name them.
  run 0 gateway --ingress ok/ingress.pcap --egress ok/egress.pcap --keys ok/xfrm-state.txt
  run 0 gateway ok/ingress.pcap --egress ok/egress.pcap --keys ok/xfrm-state.txt --window 64
  # A capture through a pipe; the bytes of what changed cannot be read again.
  "$espdump" gateway - faulty/egress.pcap --keys faulty/xfrm-state.txt <faulty/ingress.pcap >out 2>err
  is 1 $?
  says out '^  modified   1 packet                      in 32 > out 28$'

  # What nobody can judge.
  run 3 gateway "$captures/spi-reuse-rekeyed/wire.pcap" "$captures/spi-reuse-rekeyed/wire.pcap" --keys "$captures/spi-reuse-rekeyed/xfrm-state.txt"
  says out 'of which none verifies'
  run 3 gateway ok/egress.pcap ok/ingress.pcap --keys ok/xfrm-state.txt
  says out '^INCONCLUSIVE$'
  says out 'the sides seem to be swapped'
  run 3 gateway ok/ingress.pcap good/wire.pcap --keys ok/xfrm-state.txt
  says out 'no packet is in both captures'
  run 3 gateway ok/ingress.pcap ok/egress.pcap --keys good/xfrm-state.txt
  says out 'no packet verifies under the keys'
  head -c 24 ok/egress.pcap >empty.pcap
  run 3 gateway ok/ingress.pcap empty.pcap --keys ok/xfrm-state.txt --json
  says out 'the egress capture is empty.*"verdict":"inconclusive"'
  head -c 9000 ok/egress.pcap >short.pcap
  run 3 gateway ok/ingress.pcap short.pcap --keys ok/xfrm-state.txt
  says err 'short.pcap: '
  says out 'while one capture did not run'

  protects_of_gateway

  # A test is made, and what would let all of it through fails it.
  run 0 gateway --make-test ok/egress.pcap --keys ok/xfrm-state.txt -w attack.pcap
  says out '^\{"type":"planted","frame":[0-9]+,"kind":"flip-icv","expect":"drop",'
  says out '"kind":"authentic-zero","expect":"drop"'
  says out '"kind":"next-number","expect":"forward"'
  says out '^\{"type":"summary",.*"kind":"esn-boundary","why":"no SA has ESN"'
  mv out planted.json
  run 1 gateway attack.pcap attack.pcap --keys ok/xfrm-state.txt
  says out 'leaked .* packets with a bad ICV'
  run 2 gateway --make-test ok/egress.pcap --keys good/xfrm-state.txt -w attack.pcap
  says err 'nothing to make a test of'

  run 2 gateway
  says err '^Usage: espdump gateway'
  run 2 gateway ok/ingress.pcap ok/egress.pcap
  says err 'no keys given'
  run 2 gateway ok/ingress.pcap --keys ok/xfrm-state.txt
  says err 'one capture of each side is needed'
  run 2 gateway a b c --keys ok/xfrm-state.txt
  says err 'more of them with --ingress'
  run 2 gateway ok/ingress.pcap /nonexistent --keys ok/xfrm-state.txt
  says err '/nonexistent: no such file'
  run 2 gateway ok/ingress.pcap ok/egress.pcap --keys ok/xfrm-state.txt --window 0
  says err 'not in range'
}
