# shellcheck shell=bash disable=SC2154
# What people see on a terminal, which script(1) makes one for.

# on COLUMNS ROWS ARGUMENT...: the program on such a terminal; its lines go to `out`, without colours.
on() {
  local columns=$1 rows=$2 command
  shift 2
  printf -v command '%q ' "$espdump" "$@"
  current="espdump $* on $columns x $rows"
  script -qec "stty cols $columns rows $rows; $command" /dev/null </dev/null 2>err |
    tr -d '\r' | sed $'s/\x1b\\[[0-9;?]*[A-Za-z]//g' >out
}
# No line is longer than that.
fits() { ! grep -nE "^.{$(($1 + 1))}" out || fail "lines of more than $1 columns"; }

group_terminal() {
  has script || { echo "cli: no script(1), no terminal" >&2; exit 77; }
  # Copies that are nobody else's: of keys that others can read there would be a line more.
  mkdir private && cp -rL "$bad" "$good" private/ && chmod -R go= private
  pushd private >/dev/null || exit 1
  local keys=(--keys "$bad/xfrm-state.txt") LC_ALL=C.UTF-8
  run 0 "$bad/wire.pcap" "${keys[@]}"
  cp out whole
  # The verdict stands first, what is wrong stands there and last, and nothing is lost between.
  on 300 24 "$bad/wire.pcap" "${keys[@]}"
  head -n 1 out | grep -q '^bad/wire.pcap: 388 frames' || fail "the verdict is not on the first screen"
  head -n 3 out | grep -q '^3 errors, 2 warnings: icv.bad' || fail "what is wrong is not on the first screen"
  tail -n 1 out | grep -q '^`espdump explain icv.bad`' || fail "where to read more is not said"
  tail -n 3 out | grep -q '^3 errors, 2 warnings: icv.bad' || fail "what is wrong is not on the last screen"
  grep -E '^ *[0-9]+ +[0-9]+\.[0-9]{6}  ' whole >wanted
  grep -E '^ *[0-9]+ +[0-9]+\.[0-9]{6}  ' out | cmp -s - wanted || fail "the lines of packets differ"
  # Lines are cut, tables folded, paragraphs narrow.
  local columns
  for columns in 60 80 100; do
    on "$columns" 24 "$bad/wire.pcap" "${keys[@]}"
    fits "$columns"
    says out '…$'
    [[ $(packets out) == $(wc -l <wanted) ]] || fail "lines of packets are missing"
    says out '#1 40 .*(BAD|…)'
    says out 'replay-window 0 replay 7 failed 11'
  done
  on 80 24 "$bad/wire.pcap" "${keys[@]}" -q
  fits 80
  head -n 1 out | grep -q '^bad/wire.pcap: 388 frames' || fail "the verdict is not first"
  # What is short stays as short as it is.
  on 200 60 "$good/wire.pcap" --keys "$good/xfrm-state.txt" -c 5
  head -n 1 out | grep -q '^    1  0.000000' || fail "a short report has a heading"
  [[ $(grep -c 'wire.pcap: 5 frames' out) == 1 ]] || fail "the verdict stands there twice"
  # Trees and JSON are for reading on.
  on 60 24 "$bad/wire.pcap" "${keys[@]}" -V -c 5
  lacks out '…$'
  on 60 24 "$bad/wire.pcap" "${keys[@]}" --json -q
  lacks out '…$'
  on 80 24 keys "$bad/xfrm-state.txt"
  fits 80
  says out 'bad/xfrm-state.txt:1$'
  on 80 24 mtu --keys "$bad/xfrm-state.txt"
  says out '^     10.9.1.2 > 10.9.1.1; AES-GCM-16-256$'
  popd >/dev/null || exit 1
}
