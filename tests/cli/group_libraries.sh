# shellcheck shell=bash disable=SC2154
# A library that is missing at run time costs the algorithms in it, no more.
group_libraries() {
  local des=$captures/algos-enc-des-sha1
  OPENSSL_MODULES=$scratch run 0 "$des/wire.pcap" --keys "$des/xfrm-state.txt" --json -q
  says out '"problem":"verified, not decrypted: DES-CBC is not available: OpenSSL does not find its legacy provider'
  says out 'module legacy.so; Debian 13 has it in the package openssl-provider-legacy"'
  says out '"decrypted":0,"icv_ok":14,"icv_bad":0'
  silent err
  OPENSSL_MODULES=$scratch run 0 "$good/wire.pcap" --keys "$good/xfrm-state.txt" --json -q
  says out '"type":"summary".*"decrypted":38,'
  lacks out '"problem"'

  run 0 "$des/wire.pcap" --keys "$des/xfrm-state.txt" --json -q
  says out '("decrypted":28,|legacy provider)'
  check_crypto
}

# Whatever opens the packets, the same comes out: with --crypto ipsec-mb, which is an error where it cannot be used.
check_crypto() {
  local libraries=(auto) library capture compared=0
  current='espdump --crypto ipsec-mb'
  if "$espdump" "$good/wire.pcap" --keys "$good/xfrm-state.txt" --crypto ipsec-mb -q >out 2>err; then
    libraries+=(ipsec-mb)
    says out '38 ESP packets: 38 opened'
  else
    run 2 "$good/wire.pcap" --keys "$good/xfrm-state.txt" --crypto ipsec-mb -w inner.pcap
    silent out
    lines err 1
    says err '^espdump: --crypto ipsec-mb: libipsec-mb is not available: .*; or leave the choice to --crypto auto$'
    [[ ! -e inner.pcap ]] || fail "inner.pcap was written"
    echo "cli: libipsec-mb not compared: $("$espdump" --version | grep libipsec-mb)" >&2
  fi
  for capture in "$captures"/*/; do
    [[ -r $capture/wire.pcap && -r $capture/xfrm-state.txt ]] || continue
    run 0 "$capture/wire.pcap" --keys "$capture/xfrm-state.txt" --json -q --crypto openssl
    cp out expected
    for library in "${libraries[@]}"; do
      run 0 "$capture/wire.pcap" --keys "$capture/xfrm-state.txt" --json -q --crypto "$library"
      cmp -s out expected || fail "differs from --crypto openssl"
      compared=$((compared + 1))
    done
  done
  ((compared >= 20)) || fail "only $compared captures compared"
}
