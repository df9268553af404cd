# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# `espdump keys`: listing and converting.

# Every key of a key file in hexadecimal, 16 digits of each.
key_digits() { grep -oE '0x[0-9a-f]{17,}' "$1" | cut -c3-18; }

# What tshark decrypts with a table of ESP SAs: outer and inner addresses of ESP packets.   tshark_sees CAPTURE TABLE
tshark_sees() {
  mkdir -p wireshark
  cp "$2" wireshark/esp_sa
  HOME=$scratch WIRESHARK_CONFIG_DIR=$scratch/wireshark tshark -r "$1" -Y 'esp && (ip.src || ipv6.src)' -T fields \
    -e ip.src -e ip.dst -e ipv6.src -e ipv6.dst -e esp.icv_good \
    -o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE 2>tshark.err |
    tr ',\t' '  ' | tr -s ' ' | sed 's/^ //; s/ $//' | sort
}

# The payloads that tshark finds in IKE messages with a table of IKE SAs, encrypted ones behind 46.
tshark_sees_in_ike() {
  mkdir -p wireshark
  rm -f wireshark/esp_sa
  cp "$2" wireshark/ikev2_decryption_table
  HOME=$scratch WIRESHARK_CONFIG_DIR=$scratch/wireshark tshark -r "$1" -Y isakmp -T fields \
    -e isakmp.exchangetype -e isakmp.typepayload 2>tshark.err
  rm wireshark/ikev2_decryption_table
}

# The same from espdump's JSON; ICVs that are good are 1 at the end of a line.   espdump_sees CAPTURE KEYS
espdump_sees() {
  "$espdump" "$1" --keys "$2" --json | grep '"type":"packet"' | grep '"decrypted":true' |
    sed -E 's/.*"ipsec":\[\{"protocol":"esp","src":"([^"]*)","dst":"([^"]*)".*"icv":"(ok|none)".*"inner":\{"src":"([^"]*)","dst":"([^"]*)".*/\1 \2 \4 \5 \3/' |
    awk '{ inner = $3 ~ /:/ ? 6 : 4; outer = $1 ~ /:/ ? 6 : 4; icv = $5 == "ok" ? " 1" : ""
           if (outer == inner) print $1, $3, $2, $4 icv
           else if (outer == 4) print $1, $2, $3, $4 icv
           else print $3, $4, $1, $2 icv }' | sort
}

group_convert() {
  local keys=$good/xfrm-state.txt digits to
  run 0 keys "$keys"
  says out '^good/xfrm-state.txt: ip xfrm state, 2 SA records, 2 usable$'
  says out '^  1  10\.66\.66\.1 > 10\.55\.55\.1  0xfe51d977  esp +tunnel  AES-CBC-256 \+ HMAC-SHA2-256/96 +no +0  present +good/xfrm-state.txt:[0-9]+$'
  silent err
  for digits in $(key_digits "$keys"); do lacks out "$digits"; done
  run 0 keys "$keys" --to json
  lines out 2
  for digits in $(key_digits "$keys"); do lacks out "$digits"; done
  for to in 'wireshark' 'xfrm' 'json --show-secrets'; do
    # shellcheck disable=SC2086
    run 0 keys "$keys" --to $to
    lines out 2
    silent err
    for digits in $(key_digits "$keys"); do says out "$digits"; done
  done
  run 0 keys "$keys" --show-secrets
  for digits in $(key_digits "$keys"); do says out "$digits"; done

  run 0 keys "$captures/beet-manual-4in4/xfrm-state.txt" --policy "$captures/beet-manual-4in4/xfrm-policy.txt"
  says out 'ip xfrm policy, [0-9]+ policies$'
  run 0 keys "$testdata/keys/beet-manual-4in4-without-sel.txt"
  says err ':[0-9]+: BEET SA without a selector'
  run 0 keys "$beet/xfrm-state.txt" --to wireshark
  says err 'espdump: beet/xfrm-state.txt:[0-9]+: BEET'

  # Keys of IKE SAs, in formats of their own.
  local log=$testdata/keys/ikev2-psk-rekey-charon.log table=$testdata/keys/ikev2-psk-rekey.ikev2_decryption_table
  run 0 keys "$log"
  says out 'ikev2-psk-rekey-charon.log: charon log, 6 SA records, 6 usable, 2 IKE SAs$'
  says out '^  1  9a64bda1dfe50f51  ee04d9db52f76df1  AES-GCM-16-256  PRF_HMAC_SHA2_384  SK_d SK_ei SK_er  '
  lacks out '[0-9a-f]{24}'
  silent err
  run 0 keys "$log" --to wireshark-ike
  cmp -s out "$table" || fail 'another table than that of strongSwan'
  says err '^espdump: 6 SAs left out: `--to wireshark` writes them$'
  run 0 keys "$log" --to wireshark
  lines out 6
  says err '^espdump: keys of 2 IKE SAs left out: `--to wireshark-ike` writes them$'
  run 0 keys "$table"
  says out 'ikev2-psk-rekey.ikev2_decryption_table: ikev2_decryption_table, 2 IKE SAs$'
  run 0 keys "$log" --to json
  [[ $(grep -c '"type":"ike_keys"' out) == 2 ]] || fail 'not two IKE SAs'
  lacks out '[0-9a-f]{24}'
  run 0 keys "$testdata/keys/ike-eap-g2-charon.log" "$testdata/keys/charon-logs.ikev2_decryption_table" --to wireshark-ike
  lines out 5

  # Standard input, and one format made into another and back.
  current='espdump keys - '
  "$espdump" keys "$keys" --to xfrm | "$espdump" keys - --to wireshark >again 2>err
  "$espdump" keys "$keys" --to wireshark >direct 2>>err
  cmp -s again direct || fail 'another table by way of xfrm'
  silent err
  "$espdump" -q "$good/wire.pcap" --keys <("$espdump" keys "$keys" --to xfrm) >out 2>err
  says out ': 38 opened|38 ESP packets, all opened'

  # What cannot be read.
  run 2 keys
  says err '^Usage: espdump keys'
  run 2 keys nosuch.txt
  says err '^espdump: nosuch.txt: no such file$'
  run 2 keys "$good/wire.pcap"
  says err 'is a capture'
  run 2 keys nosuch.txt "$keys" --to xfrm
  lines out 2
  run 2 keys "$keys" --policy "$keys"
  says err 'holds no .ip xfrm policy. output'
  run 2 keys "$keys" --to pdf
  says err "'pdf' is none of json, wireshark, wireshark-ike, xfrm"
  says err '^Try `espdump keys --help`\.$'
  run 2 keys -
  says err 'standard input: holds no key material'
  run 0 keys --help
  says out '^Usage: espdump keys FILE'
  run 0 --help
  says out '^  keys '
  cp "$good/wire.pcap" keys
  run 0 -q ./keys
  says out '38 ESP packets'
  if [[ -e /dev/full ]]; then
    current='espdump keys >/dev/full'
    "$espdump" keys "$keys" >/dev/full 2>err
    is 2 $?
    says err 'cannot write results'
  fi
  current='espdump keys | head'
  "$espdump" keys "$testdata/keys/formats-ip610.txt" --to json 2>err | head -1 >out
  is 0 "${PIPESTATUS[0]}"
}

# Wireshark decrypts with the table what espdump decrypts with the dump, and calls the same ICVs good.
group_wireshark() {
  local name capture state count
  if ! has tshark; then
    echo "cli: no tshark to try its table with" >&2
    ((${#groups[@]} > 1)) || exit 77
    return 0
  fi
  for name in manual-tunnel-cbc-sha256 algos-enc-aes128cbc-none algos-enc-aes128cbc-sha1 algos-enc-aes192cbc-sha384 \
    algos-enc-aes256cbc-sha512 algos-enc-des-sha1 algos-enc-null-sha256 algos-auth-sha256-128 algos-aead-gcm128-icv64 \
    algos-aead-gcm192-icv128 algos-aead-gcm256-icv96; do
    capture=$captures/$name/wire.pcap state=$captures/$name/xfrm-state.txt
    run 0 keys "$state" --to wireshark
    silent err
    mv out table
    espdump_sees "$capture" "$state" >ours
    tshark_sees "$capture" table >theirs
    count=$(wc -l <ours)
    ((count > 0)) || fail "$name: nothing decrypted"
    diff ours theirs >difference || fail "$name: tshark sees other packets: $(head -3 difference)"
  done
  capture=$captures/ikev2-psk-rekey/wire.pcap
  run 0 keys "$testdata/keys/ikev2-psk-rekey-charon.log" --to wireshark-ike
  mv out table
  tshark_sees_in_ike "$capture" table >theirs
  grep -q $'^35\t46,35,41,36,39,33,2,3,3,44,45,41,41,41$' theirs || fail "tshark sees no IDs in IKE_AUTH"
  ! grep -qE $'^36\t46$' theirs || fail "tshark sees nothing in CREATE_CHILD_SA"
}
