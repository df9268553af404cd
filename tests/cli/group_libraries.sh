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
}
