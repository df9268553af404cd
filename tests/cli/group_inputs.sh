# shellcheck shell=bash disable=SC2154
# Files that are not what they should be.
group_inputs() {
  run 2 nosuch.pcap
  silent out
  says err '^espdump: nosuch\.pcap: no such file$'
  run 2 "$testdata"
  says err 'is a directory'
  : >empty.pcap
  run 2 empty.pcap
  says err 'empty'
  echo "hello, this is no capture" >text.pcap
  run 2 text.pcap
  says err 'text.pcap: .*text'
  run 2 "$good/xfrm-state.txt"
  says err '--keys'

  # A bad key file is said, and the capture is analysed without it.
  run 2 -q "$good/wire.pcap" --keys "$good/wire.pcap"
  says err 'is a capture'
  says out 'ESP packets'
  run 2 -q "$good/wire.pcap" --keys nosuch.txt
  says err 'nosuch.txt: no such file'
  run 2 -q "$good/wire.pcap" --keys text.pcap
  says err 'ip xfrm state'
  run 2 -q "$good/wire.pcap" --keys nosuch.txt --keys "$good/xfrm-state.txt"
  says out '38 ESP packets: 38 opened'

  # A line that cannot be used costs one SA, not the run.
  { cat "$good/xfrm-state.txt"; printf 'src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00000999 reqid 1 mode tunnel\n\taead rfc4106(gcm(aes)) 0x0102 128\n'; } >broken.txt
  run 0 -q "$good/wire.pcap" --keys broken.txt
  says err 'broken\.txt:[0-9]+: '
  says out '38 ESP packets: 38 opened'

  # Cut in the middle of a record: what is there is analysed.
  size=$(stat -c %s "$good/wire.pcap" 2>/dev/null || stat -f %z "$good/wire.pcap")
  head -c $((size - 10)) "$good/wire.pcap" >cut.pcap
  run 0 "$good/wire.pcap" --keys "$good/xfrm-state.txt"
  whole=$(packets out)
  run 3 cut.pcap --keys "$good/xfrm-state.txt"
  says err 'cut\.pcap: .*byte [0-9]+'
  [[ $(packets out) == $((whole - 1)) ]] || fail "$(packets out) packets of $whole, one less wanted"
  run 3 cut.pcap --json -q
  says out '"truncated":true'
  run 1 cut.pcap --keys "$good/xfrm-state.txt" -q --fail-on info

  check_compressed

  # One of several is missing.
  run 2 -q "$good/wire.pcap" nosuch.pcap "$beet/wire.pcap" --keys "$good/xfrm-state.txt"
  says err 'nosuch\.pcap'
  says out '^2 captures: '
  lines err 1

  # Names are shown, never obeyed.
  name=$'odd\x1b[31m\nname.pcap'
  run 2 "$name"
  lines err 1
  lacks err $'\x1b'
  cp "$good/wire.pcap" "$name"
  run 0 -q "$name" --keys "$good/xfrm-state.txt"
  lacks out $'\x1b'
  run 0 -q --json "$name"
  lacks out $'\x1b'
}

# Compressed captures are recognised by what is in them; what is wrong with them is said.
check_compressed() {
  local keys=(--keys "$good/xfrm-state.txt")
  if ! has gzip; then
    echo "cli: compressed captures left out: no gzip" >&2
    return
  fi
  gzip -c "$good/wire.pcap" >some.file
  run 0 some.file "${keys[@]}"
  [[ $(packets out) == "$whole" ]] || fail "$(packets out) packets of $whole"
  head -c 5000 some.file >cut.gz
  run 3 cut.gz "${keys[@]}"
  says err '^espdump: cut\.gz: compressed stream \(gzip\) ends early, at byte 5000; what was read is reported$'
  (($(packets out) > 5)) || fail "only $(packets out) packets"
  gzip -c some.file >twice.gz
  run 2 twice.gz
  says err 'compressed again \(gzip\); unpack it first: gzip -dc twice\.gz \| espdump -$'
  tar -cf - -C "$captures" replay-and-icv | gzip -c >captures.tar.gz
  run 2 captures.tar.gz
  says err 'captures\.tar\.gz: is compressed \(gzip\), and what is in it is a tar archive'
  head -c 50000000 /dev/zero | gzip -c >zeros.gz
  run 2 zeros.gz
  says err 'what is in it is not a capture'
}
