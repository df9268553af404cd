# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# `espdump mtu`.

group_mtu() {
  run 0 mtu --suite aes256gcm16 --mode tunnel --outer ipv4 --nat-t --mtu 1500
  silent err
  says out '^AES-GCM-16-256, tunnel, IPv4 outside, UDP encapsulation, path MTU 1500$'
  says out '^  overhead +62 to 65 bytes$'
  says out '^  largest inner +1438 bytes$'
  says out '^  TCP MSS +1398 \(IPv4\)  1378 \(IPv6\)$'
  says out 'ip link set ipsec0 mtu 1438$'
  says out 'nft add rule inet mangle forward meta nfproto ipv4 oifname "ipsec0" tcp flags syn tcp option maxseg size set 1398$'
  says out 'ip6tables .* --dir in .* --set-mss 1378$'

  run 0 mtu --suite aes128-sha256 --mode beet --outer ipv6 --inner ipv4
  says out 'largest inner +1426 bytes$'
  says out 'Linux computes +1430 bytes, 4 more than fit'
  lacks out 'ip6tables'
  run 0 mtu --suite aes256-sha512 --outer ipv6 --nat-t --mtu 1280
  says out 'IPv6 inside needs 1280 bytes'
  run 0 mtu --suite aes128gcm16 --mtu 68
  says out 'nothing fits'
  run 0 mtu --suite sha256 --json
  says out '"proto":"ah","suite":"HMAC-SHA2-256/128"'

  run 0 mtu --keys "$good/xfrm-state.txt"
  says out '^  #  from > to .* largest inner  Linux  MSS IPv4  MSS IPv6$'
  says out '^  1 .*0xfe51d977  tunnel  AES-CBC-256 \+ HMAC-SHA2-256/96 .* 1438 +1438 +1398 +1378$'
  says out '^For all of them, at a path MTU of 1500:$'
  run 0 mtu --keys "$beet/xfrm-state.txt"
  says out 'output meta nfproto ipv4 rt ipsec exists .* set 1410$'
  says out 'input meta nfproto ipv6 meta ipsec exists .* set 1398$'
  says out 'ip route replace PEER via GATEWAY mtu 1500$'
  lacks out 'forward'
  run 0 mtu --keys "$beet/xfrm-state.txt" --json --mtu 1400
  lines out 4
  says out '"mode":"beet","outer":"ipv4","inner":"ipv6","encapsulation":"udp","path_mtu":1400'
  "$espdump" mtu --keys - --json <"$good/xfrm-state.txt" >out 2>err
  is 0 $?
  lines out 2
  if has jq; then jq -e .mss_ipv4 out >/dev/null || fail "no JSON"; fi

  run 2 mtu
  says err '^Usage: espdump mtu'
  run 2 mtu --suite aes128-wombat
  says err "'wombat' in the suite 'aes128-wombat' is no word of swanctl.conf"
  silent out
  run 2 mtu --suite aes999
  says err 'AES-CBC has no keys of 999 bits'
  run 2 mtu --suite aes128 --keys x
  says err 'exclude each other'
  run 2 mtu --suite aes128 --mtu 20
  says err 'not in range 68 to 65535'
  run 2 mtu --suite aes128 --mode ipip
  says err "'ipip' is none of beet, transport, tunnel"
  run 2 mtu --keys /nonexistent
  says err '/nonexistent: no such file'
  # The lines are commands that nft understands.
  if has nft && has unshare && unshare -rn true 2>/dev/null; then
    "$espdump" mtu --suite aes256gcm16 | grep -o 'nft .*' >rules
    unshare -rn bash -e rules 2>err || fail "nft does not take its lines"
    "$espdump" mtu --suite aes256gcm16 --mode transport | grep -o 'nft .*' >rules
    unshare -rn bash -e rules 2>err || fail "nft does not take the lines for hosts"
  fi
}
