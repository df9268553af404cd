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
  # Keys that only the exchanges give.
  awk '/encryption (initiator|responder) key|  SPI 0x/ { skip = 1; next } !/> *[0-9]+: / { skip = 0 } !skip' \
    "$rekey/charon.log" >derive.log
  records_of "$rekey/wire.pcap" 1 2 3 6 7 10 >request.pcap
  records_of "$rekey/wire.pcap" 1 2 3 6 9 10 11 >response.pcap
  run 0 request.pcap response.pcap --keys derive.log -q --json
  mv out whole.json
  says whole.json '"derived":true'
  says whole.json '"decrypted":1'
  run 0 request.pcap response.pcap --keys derive.log --partial both.esp
  run 0 merge both.esp --json
  silent err
  cmp -s out whole.json || fail "captures in one partial result are another thing than in one run"

  # Neither saw what the other has; one did; both did.
  run 0 request.pcap --keys derive.log --partial request.esp
  run 0 response.pcap --keys derive.log --partial response.esp
  run 0 merge request.esp response.esp --json
  says err 'IKE exchanges that begin in one partial result and end in another: 1; '
  run 0 response.pcap --keys derive.log --after request.pcap --partial response.esp
  run 0 merge request.esp response.esp --json
  says err 'packets of SAs whose keys follow .*: 1, shown as NO KEY'
  lacks out '"code":"icv.bad"'
  run 0 request.pcap --keys derive.log --after response.pcap --partial request.esp
  run 0 merge request.esp response.esp --json
  silent err
  cmp -s out whole.json || fail "captures that saw each other's IKE are another thing than in one run"

  # IKE beside ESP.
  local -a ike esp
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
  # A capture that begins with the message which the keys follow from, of which the other has a copy.
  records_of "$rekey/wire.pcap" {1..8} >early.pcap
  records_of "$rekey/wire.pcap" {9..40} >late.pcap
  run 0 early.pcap late.pcap --keys derive.log -q --json
  mv out whole.json
  for capture in early late; do
    run 0 "$capture.pcap" --keys derive.log --after ike.pcap --partial "$capture.esp"
  done
  run 0 merge early.esp late.esp --json
  silent err
  cmp -s out whole.json || fail "what a copy of a message gave to know is lost"
}
