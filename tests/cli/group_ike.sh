# shellcheck shell=bash disable=SC2154
# What IKE messages say in the clear, held against tshark.

# One line per IKE message: frame, then lists of notifications, of transforms (types; ciphers, PRFs, integrity, groups,
# key lengths), the group and the nonce; of version 1 ciphers, hashes, authentication methods and groups.
ike_by_tshark() {
  local -a fields=()
  local field
  for field in notify.msgtype tf.type tf.id.encr tf.id.prf tf.id.integ tf.id.dh ike2.attr.key_length \
    key_exchange.dh_group nonce ike.attr.encryption_algorithm ike.attr.hash_algorithm ike.attr.authentication_method \
    ike.attr.group_description; do
    fields+=(-e "isakmp.$field")
  done
  HOME=$scratch tshark -n -r "$1" -Y isakmp -T fields -E separator='|' -e frame.number "${fields[@]}" 2>tshark.err
}

ike_by_espdump() {
  "$espdump" -V "$1" 2>err | awk '
    function add(list, value) { lists[list] = lists[list] (lists[list] == "" ? "" : ",") value }
    function flush(    i) {
      if (!ike) return
      line = frame
      for (i = 1; i <= 13; ++i) line = line "|" lists[i]
      print line
    }
    /^ *[0-9]+ +[0-9]+\.[0-9]+  / { flush(); split("", lists); frame = $1; ike = 0; inside = 0 }
    /^  [^ ]/ { inside = 0 }
    /^  IKE$/ { ike = 1 }
    /^  IKEv?1? payloads$/ { inside = 1 }
    !inside { next }
    /^    [^ ]/ { group = $1 }
    group == "notify" && /^      type / { add(1, $2) }
    /^        transform / { type = "" }
    group == "sa" && /^          type / { type = $2; add(2, type) }
    group == "sa" && /^          id / && type in column { add(column[type], $2) }
    group == "sa" && /^          key_length / { add(7, $2) }
    group == "ke" && /^      method / { add(8, $2) }
    group == "nonce" && /^      (nonce|data) / { add(9, $2) }
    group == "sa" && /^          attribute / { attribute = substr($0, 31) }
    group == "sa" && /^            value / && attribute in version1 { add(version1[attribute], $2) }
    BEGIN {
      column[1] = 3; column[2] = 4; column[3] = 5; column[4] = 6
      version1["Encryption Algorithm"] = 10; version1["Hash Algorithm"] = 11
      version1["Authentication Method"] = 12; version1["Group Description"] = 13
    }
    END { flush() }'
}

group_ike() {
  local capture
  if ! has tshark; then
    echo "cli: no tshark to hold IKE messages against" >&2
    return
  fi
  for capture in ikev2-psk-rekey libreswan ike-cookie ike-fragmentation beet-natt-chacha20; do
    current="espdump -V $capture/wire.pcap"
    ike_by_tshark "$captures/$capture/wire.pcap" >theirs
    ike_by_espdump "$captures/$capture/wire.pcap" >ours
    [[ -s theirs ]] || fail "tshark sees no IKE: $(head -3 tshark.err)"
    diff ours theirs >difference || fail "tshark sees other messages: $(head -6 difference)"
  done
}
