# shellcheck shell=bash disable=SC2154,SC2034
# The same input gives the same output bytes, whatever the threads, locale, time zone, terminal and run.
group_same() {
  local scenario through=()
  for scenario in replay-and-icv ike-eap manual-tunnel-cbc-sha256; do
    same_output "$captures/$scenario" || return 0
  done
}

# All that the program can say and write of a capture, as one sum; the page and the packets go to files and back.
sum_of() { # DIRECTORY [OPTION]...
  local directory=$1 keys=() file
  for file in "$directory"/xfrm-state.txt "$directory"/charon.log; do
    [[ -e $file ]] && keys+=(--keys "$file")
  done
  shift
  local given=("$directory/wire.pcap" "${keys[@]}" "$@") options
  for options in "" -q -V -x -tt --json; do
    # shellcheck disable=SC2086
    "${through[@]}" "$espdump" "${given[@]}" $options 2>&1 </dev/null
  done >same.out
  "${through[@]}" "$espdump" "${given[@]}" -q -w same.pcapng --html same.html >>same.out 2>&1 </dev/null || fail "exit status $?"
  "${through[@]}" "$espdump" keys "${keys[@]:1:1}" >>same.out 2>&1 </dev/null
  cat same.out same.pcapng same.html | sha256sum
}

same_output() { # DIRECTORY
  local first threads place zone
  current="the same output of $(basename "$1")"
  first=$(sum_of "$1")
  [[ $(wc -l <same.out) -gt 50 ]] || fail "next to nothing was printed"
  [[ $(sum_of "$1") == "$first" ]] || fail "a second run differs"
  for threads in 1 2 7; do
    [[ $(sum_of "$1" -j "$threads") == "$first" ]] || fail "-j $threads differs"
  done
  for place in C C.UTF-8 POSIX $(locale -a 2>/dev/null | grep -iE 'de_DE|tr_TR|ar_|fa_' | head -4); do
    [[ $(LC_ALL=$place sum_of "$1") == "$first" ]] || fail "LC_ALL=$place differs"
  done
  for zone in UTC Asia/Kolkata America/St_Johns nonsense; do
    [[ $(TZ=$zone sum_of "$1") == "$first" ]] || fail "TZ=$zone differs"
  done
  [[ $(TERM=xterm-256color COLUMNS=40 LINES=10 CLICOLOR=1 sum_of "$1") == "$first" ]] || fail "TERM differs"
  [[ $(TERM=dumb sum_of "$1") == "$first" ]] || fail "TERM=dumb differs"
  through=(env -i)
  [[ $(sum_of "$1") == "$first" ]] || fail "an empty environment differs"
  through=()
}
