# shellcheck shell=bash disable=SC2154
# Standard input, pipes and what happens when they close.

# Waits until file $1 has at least $2 lines; gives up after ten seconds.
wait_for_lines() {
  for ((i = 0; i < 100; ++i)); do
    (($(wc -l <"$1") >= $2)) && return 0
    sleep 0.1
  done
  return 1
}

group_streams() {
  run 0 "$good/wire.pcap" --keys "$good/xfrm-state.txt"
  sed "s,^[^ ].*wire\.pcap: ,IN: ,; s,^standard input: ,IN: ,; /^$/q" out >expected
  current='cat wire.pcap | espdump -'
  cat "$good/wire.pcap" | "$espdump" - --keys "$good/xfrm-state.txt" >out 2>err
  is 0 $?
  sed '/^$/q' out | cmp -s - expected || fail "lines differ from those of the file"
  silent err

  current='gzip -c wire.pcap | espdump -'
  if has gzip; then
    gzip -c "$good/wire.pcap" | "$espdump" - --keys "$good/xfrm-state.txt" >out 2>err
    is 0 $?
    sed '/^$/q' out | cmp -s - expected || fail "lines differ from those of the file"
    silent err
    cat "$good/wire.pcap" "$good/wire.pcap" | gzip -c | "$espdump" -q - -c 20 >out 2>err
    is 0 $?
    says out '20 frames'
  fi

  current='espdump --keys <(...) and --keys -'
  "$espdump" -q "$good/wire.pcap" --keys <(cat "$good/xfrm-state.txt") >out 2>err
  is 0 $?
  says out '38 ESP packets: 38 opened'
  "$espdump" -q "$good/wire.pcap" --keys - <"$good/xfrm-state.txt" >out 2>err
  is 0 $?
  says out '38 ESP packets: 38 opened'
  "$espdump" -q --keys - "$good/wire.pcap" <"$good/xfrm-state.txt" >out 2>err
  is 0 $?
  says out '38 ESP packets: 38 opened'

  current='espdump - with nothing in it'
  "$espdump" - </dev/null >out 2>err
  is 2 $?
  says err 'standard input.*empty'

  # Lines appear while the capture goes on.
  for threads in 1 3; do
    current="espdump -j $threads - of a pipe that stays open"
    rm -f pipe
    mkfifo pipe
    : >live
    "$espdump" - -j "$threads" --keys "$good/xfrm-state.txt" <pipe >live 2>err &
    reader=$!
    exec 9>pipe
    size=$(wc -c <"$good/wire.pcap")
    head -c $((size / 2)) "$good/wire.pcap" >&9
    wait_for_lines live 5 || fail "no line within ten seconds"
    ! grep -q 'SECURITY ASSOCIATIONS' live || fail "reported before the end"
    tail -c +$((size / 2 + 1)) "$good/wire.pcap" >&9
    exec 9>&-
    wait "$reader"
    is 0 $?
    sed '/^$/q' live | cmp -s - expected || fail "lines differ from those of the file"
  done

  # A reader that has seen enough is no error.
  current='espdump | head -1'
  for form in '' -q -V -x --json '-j 3' '--json -j 3'; do
    # shellcheck disable=SC2086
    "$espdump" "$bad/wire.pcap" $form --keys "$bad/xfrm-state.txt" 2>err | head -1 >out
    is 0 "${PIPESTATUS[0]}"
    lines out 1
    silent err
  done
  "$espdump" --help 2>err | head -1 >out
  is 0 "${PIPESTATUS[0]}"
  silent err
}
