# shellcheck shell=bash disable=SC2154
# What the output looks like under its options.
group_lines() {
  local keys=(--keys "$bad/xfrm-state.txt") all
  run 0 "$bad/wire.pcap" "${keys[@]}"
  all=$(packets out)
  lacks out $'\x1b'
  says out 'BAD ICV  sealed'
  says out 'REPLAY of frame [0-9]+'
  says out 'TOO LATE'
  says out 'UNKNOWN SPI 0x00bad5b1'
  says out '^ERRORS$'
  ! grep -qE ' $' out || fail "blanks at the end of a line"
  cp out plain

  NO_COLOR=1 run 0 "$bad/wire.pcap" "${keys[@]}" --color=auto
  cmp -s out plain || fail "differs from the plain output"
  run 0 "$bad/wire.pcap" "${keys[@]}" --color=never
  cmp -s out plain || fail "differs from the plain output"
  NO_COLOR=1 run 0 "$bad/wire.pcap" "${keys[@]}" --color=always
  says out $'\x1b\\[31;1mBAD ICV\x1b\\[0m'
  sed $'s/\x1b\\[[0-9;]*m//g' out | cmp -s - plain || fail "colour changes the words"

  run 0 "$bad/wire.pcap" "${keys[@]}" -q
  [[ $(packets out) == 0 ]] || fail "-q prints packets"
  run 0 "$bad/wire.pcap" "${keys[@]}" -c 5
  [[ $(packets out) == 5 ]] || fail "$(packets out) packets with -c 5"
  says out ': 5 frames'
  run 0 "$bad/wire.pcap" "${keys[@]}" -f arp
  (($(packets out) > 0)) || fail "no ARP packet"
  lacks out ' #1 '
  run 0 "$bad/wire.pcap" "${keys[@]}" -f 'not arp' -c 3
  [[ $(packets out) == 3 ]] || fail "-c does not count what -f lets through"
  run 0 "$beet/wire.pcap" --keys "$beet/xfrm-state.txt" --inner-filter 'icmp and host 10.254.0.2'
  (($(packets out) > 0)) || fail "the inner filter matches nothing"
  ! grep -E '^ *[0-9]+ +[0-9]+\.[0-9]{6}  ' out | grep -qv ICMP || fail "the inner filter lets others through"
  check_frames
  run 2 "$bad/wire.pcap" -f 'no such thing'
  silent out
  says err '"no such thing".*(syntax|parse|unknown)'
  run 2 "$bad/wire.pcap" --inner-filter '('
  says err '^espdump: '

  run 0 "$bad/wire.pcap" "${keys[@]}" -v
  [[ $(packets out) == "$all" ]] || fail "-v changes the number of lines"
  says out 'spi 0x[0-9a-f]{8}, icv ok'
  run 0 "$beet/wire.pcap" --keys "$beet/xfrm-state.txt" -V
  says out '^  Encapsulating Security Payload$'
  says out 'source +10\.254\.0\.1  \[rebuilt\]$'
  run 0 "$beet/wire.pcap" --keys "$beet/xfrm-state.txt" -x -c 12
  says out '^    0x0000:  [0-9a-f]{4} '
  says out 'bytes decrypted|bytes rebuilt'
  check_times
  check_json
}

# Frames by number, with the times and the report of the whole; filters that leave nothing.
check_frames() {
  local keys=(--keys "$bad/xfrm-state.txt")
  run 0 "$bad/wire.pcap" "${keys[@]}" && cp out plain
  run 0 "$bad/wire.pcap" "${keys[@]}" --frames '13, 42-43,386-'
  grep -E '^ +(13|42|43|386|387|388)  ' plain >wanted
  grep -E '^ *[0-9]+ +[0-9]+\.[0-9]{6}  ' out | sed 's/  */ /g' >got
  sed 's/  */ /g' wanted | cmp -s - got || fail "other lines than without --frames"
  sed -n '/^$/,$p' plain >wanted
  sed -n '/^$/,$p' out | cmp -s - wanted || fail "another report than without --frames"
  run 0 "$bad/wire.pcap" "$good/wire.pcap" "${keys[@]}" --frames 2:3
  says out '^    2     3 '
  [[ $(grep -cE '^ +[12] +[0-9]+ +[0-9]+\.[0-9]{6}' out) == 1 ]] || fail "not one line for 2:3"
  run 0 "$bad/wire.pcap" "${keys[@]}" --json --frames 42
  [[ $(grep -c '"type":"packet"' out) == 1 ]] || fail "not one packet in JSON"
  run 2 "$bad/wire.pcap" --frames 4-2
  silent out
  says err "^espdump: --frames: '4-2' is no frame"
  run 0 "$bad/wire.pcap" --frames 9999
  says err '^espdump: --frames: none of them is among the 388'
  run 0 "$bad/wire.pcap" -f 'tcp port 9'
  says err '^espdump: --filter: none of the 388 frames matches'
  run 0 "$bad/wire.pcap" "${keys[@]}" --inner-filter 'tcp port 9'
  says err '^espdump: --inner-filter: none of the [0-9]+ decrypted packets matches'
  run 0 "$bad/wire.pcap" "${keys[@]}" --inner-filter udp
  silent err
}

# -t to -ttttt, held against tshark where there is one.
check_times() {
  local file=$good/wire.pcap
  run 0 "$file" -c 40 && cp out plain
  run 0 "$file" -c 40 -ttttt
  cmp -s out plain || fail "-ttttt is not the default"
  run 0 "$file" -c 40 -t
  says out '^    1  ARP who-has'
  run 0 "$file" -c 40 -tttt
  says out '^    1  2026-11-20 15:39:00\.812926  ARP'
  TZ=Asia/Tokyo "$espdump" "$file" -c 40 -tttt >other 2>err
  cmp -s out other || fail "the time zone changes the output"
  run 2 "$file" -tttttt
  says err 'up to five times'
  has tshark || return 0
  run 0 "$file" -c 40 -tt
  sed -n 's/^ *[0-9]* \([0-9]*\.[0-9]*\)  .*/\1/p' out >ours
  tshark -r "$file" -c 40 -T fields -e frame.time_epoch 2>/dev/null | sed 's/000$//' | cmp -s - ours || fail "-tt: not tshark's"
  run 0 "$file" -c 40 -ttt -j 2
  sed -n 's/^ *[0-9]* *\([0-9]*\.[0-9]*\)  .*/\1/p' out >ours
  tshark -r "$file" -c 40 -T fields -e frame.time_delta 2>/dev/null | sed 's/000$//' | cmp -s - ours || fail "-ttt: not tshark's"
}

# Every line of the JSON output parses; no key appears in any output.
check_json() {
  for dir in "$bad" "$good" "$beet"; do
    run 0 "$dir/wire.pcap" --keys "$dir/xfrm-state.txt" --json
    silent err
    if has python3 && python3 -c '' 2>/dev/null; then
      python3 -c 'import json, sys
for line in sys.stdin: assert isinstance(json.loads(line)["type"], str)' <out || fail "python3 cannot parse it"
    elif has jq; then
      jq -e .type <out >/dev/null || fail "jq cannot parse it"
    else
      ! grep -qvE '^\{"type":"[a-z_]+",.*\}$' out || fail "a line is no object"
    fi
    tail -1 out | grep -q '^{"type":"summary"' || fail "the summary is not last"
    grep -oE '0x[0-9a-f]{32,}' "$dir/xfrm-state.txt" | sed 's/^0x//; s/^\(.\{16\}\).*/\1/' | sort -u >secrets
    [[ -s secrets ]] || fail "no keys found in $dir"
    ! grep -qFf secrets out || fail "a key is in the output"
    run 0 "$dir/wire.pcap" --keys "$dir/xfrm-state.txt" -V
    ! grep -qFf secrets out || fail "a key is in the output"
  done
}
