# shellcheck shell=bash disable=SC2154
# Captures of the same time in partial results of their own.

# The records of a pcap with these numbers, each with the ends of those before.
records_of() {
  local -a ends=(24)
  local size wanted bytes
  bytes=$(wc -c <"$1")
  while ((ends[-1] < bytes)); do
    size=$(od -An --endian=little -tu4 -j$((ends[-1] + 8)) -N4 "$1")
    ends+=($((ends[-1] + 16 + size)))
  done
  head -c 24 "$1"
  for wanted in "${@:2}"; do
    tail -c +$((ends[wanted - 1] + 1)) "$1" | head -c $((ends[wanted] - ends[wanted - 1]))
  done
}

group_apart() {
  local rekey="$testdata/captures/ikev2-psk-rekey"
  records_of "$rekey/wire.pcap" 1 2 3 6 7 10 >request.pcap
  records_of "$rekey/wire.pcap" 1 2 3 6 9 10 11 >response.pcap
  run 0 request.pcap response.pcap --keys "$rekey/charon.log" -q --json
  mv out whole.json
  says whole.json '"derived":true'
  run 0 request.pcap response.pcap --keys "$rekey/charon.log" --partial both.esp
  run 0 merge both.esp --json
  silent err
  cmp -s out whole.json || fail "captures in one partial result are another thing than in one run"
  for capture in request response; do
    run 0 "$capture.pcap" --keys "$rekey/charon.log" --partial "$capture.esp"
  done
  run 0 merge request.esp response.esp --json
  says err 'IKE exchanges that begin in one partial result and end in another: 1; .*: make one partial result'

  # IKE beside ESP, with keys that only the exchanges give.
  local -a ike esp
  awk '/encryption (initiator|responder) key|  SPI 0x/ { skip = 1; next } !/> *[0-9]+: / { skip = 0 } !skip' \
    "$rekey/charon.log" >derive.log
  run 0 "$rekey/wire.pcap" --keys derive.log
  mapfile -t ike < <(awk '/IKE_|CREATE_CHILD_SA|INFORMATIONAL/ { print $1 }' out)
  mapfile -t esp < <(awk '/ #[0-9]+ [0-9]+ / { print $1 }' out)
  records_of "$rekey/wire.pcap" "${ike[@]}" >ike.pcap
  records_of "$rekey/wire.pcap" "${esp[@]}" >esp.pcap
  run 0 ike.pcap esp.pcap --keys derive.log -q --json
  mv out whole.json
  says whole.json '"decrypted":82'
  run 0 ike.pcap --keys derive.log --partial ike.esp
  run 0 esp.pcap --keys derive.log --after ike.pcap --partial esp.esp
  run 0 merge esp.esp ike.esp --json
  cmp -s out whole.json || fail "ESP is opened otherwise than in one run where its keys are agreed on beside it"
  # Of all in one capture the same, whether its own IKE is looked at ahead or not.
  run 0 "$rekey/wire.pcap" --keys derive.log -q --json
  mv out whole.json
  run 0 "$rekey/wire.pcap" --keys derive.log --after ike.pcap --partial wire.esp
  run 0 merge wire.esp --json
  cmp -s out whole.json || fail "a capture of its IKE alone changes what a capture is"
}
