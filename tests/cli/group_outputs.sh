# shellcheck shell=bash disable=SC2154
# Files and devices that results go to.
group_outputs() {
  if [[ -c /dev/full ]]; then
    current='espdump > /dev/full'
    for arguments in "$good/wire.pcap" "-q $good/wire.pcap" "--json $good/wire.pcap" --help --version; do
      # shellcheck disable=SC2086
      "$espdump" $arguments 2>err >/dev/full
      is 2 $?
      says err '^espdump: cannot write results: '
      lines err 1
    done
    run 2 -q "$good/wire.pcap" --keys "$good/xfrm-state.txt" -w /dev/full
    says err '^espdump: /dev/full: '
    [[ -c /dev/full ]] || fail "/dev/full is gone"
    ln -s /dev/full full.pcapng
    run 2 -q "$good/wire.pcap" --keys "$good/xfrm-state.txt" -w full.pcapng
    says err '^espdump: full\.pcapng: '
  fi
  run 2 -q "$good/wire.pcap" -w nosuch/inner.pcap
  says err 'nosuch/inner\.pcap'

  # As many packets as were opened, readable by others and by espdump itself.
  run 0 -q "$good/wire.pcap" --keys "$good/xfrm-state.txt" -w inner.pcap
  run 0 --json -q "$good/wire.pcap" --keys "$good/xfrm-state.txt"
  opened=$(sed -n 's/.*"type":"summary".*"decrypted":\([0-9]*\).*/\1/p' out)
  run 0 inner.pcap
  [[ $(packets out) == "$opened" ]] || fail "$(packets out) packets in inner.pcap, $opened were opened"
  says out 'ICMP echo request'
  if has tshark; then
    current='tshark -r inner.pcap'
    tshark -n -r inner.pcap -T fields -e ip.src >out 2>err || fail "tshark cannot read it"
    lines out "$opened"
    lacks out '^10\.55\.55'
  fi
  check_comments

  current='espdump -w - | espdump -'
  "$espdump" "$good/wire.pcap" --keys "$good/xfrm-state.txt" -w - 2>err | "$espdump" - >out
  [[ ${PIPESTATUS[*]} == '0 0' ]] || fail "exit statuses ${PIPESTATUS[*]}"
  [[ $(packets out) == "$opened" ]] || fail "$(packets out) packets came through, $opened were opened"
  says err '38 ESP packets: 38 opened'

  # A packet whose ICV is bad is not written.
  run 0 -q "$bad/wire.pcap" --keys "$bad/xfrm-state.txt" -w inner.pcap
  run 0 --json -q "$bad/wire.pcap" --keys "$bad/xfrm-state.txt"
  opened=$(sed -n 's/.*"type":"summary".*"decrypted":\([0-9]*\).*/\1/p' out)
  run 0 inner.pcap
  [[ $(packets out) == "$opened" ]] || fail "$(packets out) packets in inner.pcap, $opened were opened"

  # Without keys there is nothing to write, and the file says so by being empty.
  run 0 -q "$good/wire.pcap" -w none.pcap
  run 0 -q none.pcap
  says out '^none\.pcap: 0 frames'
}

# The same packets as in .pcap, each with a comment, as tshark and espdump read them.
check_comments() {
  local keys=(--keys "$bad/xfrm-state.txt")
  run 2 -q "$bad/wire.pcap" "${keys[@]}" -w inner.pcapng.gz
  says err 'compress'
  run 0 -q "$bad/wire.pcap" "${keys[@]}" -w inner.pcap
  run 0 -q "$bad/wire.pcap" "${keys[@]}" -w inner.pcapng
  run 0 inner.pcap
  sed '/^$/q' out >expected
  run 0 inner.pcapng
  sed '/^$/q' out | cmp -s - expected || fail "pcapng and pcap differ"
  if ! has tshark; then
    echo "cli: comments not looked at: no tshark" >&2
    return
  fi
  current='tshark -r inner.pcapng'
  tshark -n -r inner.pcapng -T fields -e frame.comment >out 2>err || fail "tshark cannot read it"
  lines out "$(packets expected)"
  ! grep -qvE '^frame [0-9]+, ESP SA #[0-9]+ 0x[0-9a-f]{8} .*, seq [0-9]+, ICV ok' out || fail "a packet has no comment"
  says out 'seq 10, ICV ok, replay of frame 12.*replay\.duplicate: repeats number 10'
  lacks out 'ICV bad'
  ! grep -qFf <(grep -oE '0x[0-9a-f]{32,}' "$bad/xfrm-state.txt" | sed 's/^0x//; s/^\(.\{16\}\).*/\1/') out ||
    fail "a key is in the comments"
}
