# shellcheck shell=bash disable=SC2154
# `espdump index`, and what is made of the ranges that it cuts captures into.

# The records of a pcap again and again.
prolong() {
  head -c 24 "$1" >"$2"
  for _ in $(seq "$3"); do tail -c +25 "$1"; done >>"$2"
}

# A partial result for each line of LIST, in DIRECTORY.
work_off() {
  local list=$1 directory=$2 number=0 line
  mkdir -p "$directory"
  while read -r line; do
    "$espdump" "${line% *}" --keys "$keys" --range "${line##* }" --partial "$directory/$((++number)).esp" ||
      (($? == 3)) || fail "$line: no partial result"
  done <"$list"
}

group_ranges() {
  local keys="$bad/xfrm-state.txt" begin size
  prolong "$bad/wire.pcap" long.pcap 20
  size=$(stat -c %s long.pcap)

  # Ranges that meet, from the beginning to the end.
  run 0 index long.pcap --slice 200K
  silent err
  (($(wc -l <out) == size / 204800 + 1)) || fail "$(wc -l <out) ranges of $size bytes"
  [[ $(head -n 1 out) == 'long.pcap 0-'* && $(tail -n 1 out) == *- ]] || fail "ranges do not cover it"
  [[ $(sed 's/.*-//;$d' out) == $(sed '1d;s/.* //;s/-.*//' out) ]] || fail "ranges do not meet"
  mv out list.txt
  run 0 index long.pcap --slice 200K --json
  says out '^\{"type":"range","file":"long\.pcap","begin":0,"end":[0-9]+\}$'
  says out '^\{"type":"range","file":"long\.pcap","begin":[0-9]+,"from":"[0-9]+\.[0-9]{9}"\}$'
  work_off list.txt parts
  run 0 long.pcap --keys "$keys" -q --json
  mv out whole.json
  run 0 merge parts/*.esp parts/2.esp --json
  cmp -s out whole.json || fail "other JSON than one run"
  says err '2\.esp: long\.pcap is there already, and counts once'

  # What is missing, or there twice.
  run 2 merge parts/1.esp parts/3.esp parts/4.esp
  says err 'long\.pcap: its bytes [0-9]+ to [0-9]+ are in no partial result: parts/1\.esp ends before them'
  run 2 merge parts/[23456789].esp
  says err 'long\.pcap: its bytes before [0-9]+ are in no partial result'
  run 2 merge parts/[12].esp
  says err 'long\.pcap: its bytes from [0-9]+ on are in no partial result'
  run 0 long.pcap --keys "$keys" --range 100000- --partial more.esp
  run 2 merge parts/1.esp more.esp
  says err 'are in two partial results, parts/1\.esp and more\.esp'

  # Damage: one run reads no further.
  IFS=' -' read -r _ begin _ < <(sed -n 3p list.txt)
  cp long.pcap damaged.pcap
  printf '\377\377\377\377\377\377\377\377\377\377\377\377' |
    dd of=damaged.pcap bs=1 seek="$begin" conv=notrunc status=none
  sed 's/^long/damaged/' list.txt >damaged.txt
  work_off damaged.txt damaged 2>/dev/null
  run 3 damaged.pcap --keys "$keys" -q --json
  mv out whole.json
  run 3 merge damaged/*.esp --json
  cmp -s out whole.json || fail "damaged: other JSON than one run"
  says err "damaged\\.pcap: damaged at byte $begin; the ranges behind it are left out"

  # pcapng, unless interfaces come in between; compressed captures never.
  local ng="$captures/two-vlan-linktypes/wire-ng.pcapng"
  for _ in 1 2 3 4 5 6 7 8; do cat "$ng"; done >sections.pcapng
  run 0 index sections.pcapng --slice 64K
  [[ $(stat -c %s sections.pcapng) -gt 65536 ]] || fail "no test: it is too small to be cut"
  says out '^sections\.pcapng 0-$'
  says err 'sections\.pcapng: interfaces are described between its packets, so it cannot be cut'
  run 0 index "$captures/compressed/wire-ng.pcapng.gz" --slice 64K
  says out 'wire-ng\.pcapng\.gz 0-$'
  says err 'is compressed, or a pipe, and cannot be cut'
  run 2 "$captures/compressed/wire-ng.pcapng.gz" --range 100- --partial none.esp
  says err 'only files that lie on the disk as they are can be read in parts'
  run 2 long.pcap --range 99999999- --partial none.esp
  says err 'long\.pcap: has [0-9]+ bytes only, none from 99999999 on'
  [[ ! -e none.esp && ! -e none.esp.part ]] || fail "something was left behind"

  # What captures hold.
  run 0 index "$good/wire.pcap" long.pcap
  says out 'good/wire\.pcap: [0-9.]+ KiB, [0-9]+ frames, 20[0-9-]+ [0-9:]+ UTC to 20[0-9-]+ [0-9:]+ UTC'
  says out '^  esp 0x[0-9a-f]{8} [0-9a-f.:]+ > [0-9a-f.:]+, [0-9]+ packets$'
  run 0 index "$good/wire.pcap" --json
  lines out 1
  head -c 20000 long.pcap >short.pcap
  run 3 index short.pcap
  says err 'short\.pcap: ends in the middle of a record'
  run 2 index no-such.pcap "$good/wire.pcap"
  says out 'good/wire\.pcap: '
  says err 'no-such\.pcap: no such file'
  run 2 index "$keys"
  says err 'is a key file, not a capture'

  # Arguments.
  run 2 index
  says err 'Usage: espdump index CAPTURE'
  run 2 index long.pcap --slice 1K
  run 2 index long.pcap --slice many
  for range in 5 5-3 x-9 -9 0x10-; do
    run 2 long.pcap --range="$range" --partial none.esp
    says err "'$range' is no range of bytes"
  done
  run 2 long.pcap --range 0-9
  says err '--range is for --partial'
  run 2 long.pcap short.pcap --range 0-9 --partial none.esp
  says err '--range is of one capture'
}
