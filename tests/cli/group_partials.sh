# shellcheck shell=bash disable=SC2154
# Work for several machines: partial results, and what joins them.

group_partials() {
  local before="$good/wire.pcap" wire="$bad/wire.pcap" keys="$bad/xfrm-state.txt"
  run 0 "$before" --keys "$keys" --partial 1.esp
  silent out
  silent err
  run 0 "$wire" --keys "$keys" --after "$before" --partial 2.esp
  run 0 "$before" "$wire" --keys "$keys" -q --json
  mv out whole.json
  run 0 "$before" "$wire" --keys "$keys" -q
  mv out whole.txt
  for parts in '1.esp 2.esp' '2.esp 1.esp'; do
    # shellcheck disable=SC2086
    run 0 merge $parts --json
    cmp -s out whole.json || fail "$parts: other JSON than one run"
    # shellcheck disable=SC2086
    run 0 merge $parts
    cmp -s out whole.txt || fail "$parts: another report than one run"
    says err 'capture 1: good/wire\.pcap'
    says err 'capture 2: bad/wire\.pcap'
  done
  run 0 merge 2.esp 1.esp --partial both.esp
  silent out
  silent err
  cat 2.esp 1.esp >catenated.esp
  cmp -s both.esp catenated.esp || fail "not the bytes of both"
  run 0 merge both.esp 1.esp 2.esp --partial again.esp
  says err '1\.esp: .* is there already, and counts once'
  cmp -s both.esp again.esp || fail "what is there twice is copied twice"
  run 2 merge both.esp --partial again.esp --json
  says err '--partial makes no report'
  run 0 merge both.esp 1.esp --json
  cmp -s out whole.json || fail "a task that ran twice counts twice"
  says err '1\.esp: .*good/wire\.pcap is there already, and counts once'

  # The same bytes under another name are another capture, as in one run; elsewhere, under its name, a task that ran twice.
  mkdir elsewhere
  cp "$wire" elsewhere/wire.pcap
  cp "$wire" zopy.pcap
  for capture in "$wire" elsewhere/wire.pcap zopy.pcap; do
    run 0 "$capture" --keys "$keys" --partial "$(basename "$(dirname "$capture")").part"
  done
  run 0 "$wire" zopy.pcap --keys "$keys" -q --json
  mv out two.json
  run 0 merge "$(basename "$bad").part" elsewhere.part ..part --json
  cmp -s out two.json || fail "a copy is not what one run makes of it"
  says err 'elsewhere\.part: elsewhere/wire\.pcap is there already, and counts once'
  run 1 merge both.esp --fail-on error -q
  silent err
  run 0 merge both.esp --html page.html
  [[ -s page.html ]] || fail "no page"

  # Without keys, and without what packets carry.
  while read -r key; do
    [[ ${#key} -ge 16 ]] || continue
    grep -qiaF "${key:0:16}" both.esp && fail "a key is in a partial result"
  done < <(sed -n 's/.* 0x\([0-9a-f]*\) .*/\1/p' "$keys")

  # What cannot be joined.
  run 0 "$wire" --keys "$keys" --verify-only --partial 3.esp
  run 2 merge 1.esp 3.esp
  says err '3\.esp: was made with other keys, options or another version than 1\.esp'
  run 2 merge 1.esp 3.esp --partial no.esp
  [[ ! -e no.esp && ! -e no.esp.part ]] || fail "what cannot be joined left something"
  head -c 2000 2.esp >altered.esp
  printf 'x' >>altered.esp
  tail -c +2002 2.esp >>altered.esp
  run 2 merge altered.esp --partial no.esp
  says err 'altered\.esp: damaged: the section at byte [0-9]+ is not as it was written'
  run 2 merge "$wire"
  says err 'wire\.pcap: is no partial result'
  run 2 merge no-such.esp
  says err 'no-such\.esp: No such file or directory'
  head -c 1000 2.esp >cut.esp
  run 2 merge cut.esp
  says err 'cut\.esp: ends early: it was never finished, or cut; make it anew'
  run 2 merge
  says err 'Usage: espdump merge PARTIAL'

  # A damaged capture counts as one in the end, too.
  head -c 20000 "$wire" >short.pcap
  run 3 short.pcap --keys "$keys" --partial short.esp
  run 3 merge short.esp --json
  says out '"truncated":true'

  # Nothing half done.
  run 2 "$wire" no-such.pcap --keys "$keys" --partial 5.esp
  run 2 "$wire" --keys "$keys" --after no-such.pcap --partial 5.esp
  run 2 "$wire" --keys no-such.txt --partial 5.esp
  [[ ! -e 5.esp && ! -e 5.esp.part ]] || fail "a partial result of less than was asked for"
  run 2 "$wire" --keys "$keys" --partial no-such-directory/1.esp
  run 2 "$wire" --keys "$keys" --partial 4.esp -w inner.pcap
  says err '--partial makes no report'
  [[ ! -e 4.esp && ! -e 4.esp.part ]] || fail "something was left behind"
  run 2 "$wire" --keys "$keys" --after "$before"
  says err '--after is for --partial'
}
