# shellcheck shell=bash disable=SC2154
# Faults and secrets: full disks, signals, files that change, and where keys must not be.
group_safety() {
  local keys=(--keys "$bad/xfrm-state.txt")
  check_full_disk
  check_signals
  check_changing_files
  check_leaks
  check_open_keys
  check_system_calls
}

# Results that cannot be written are an error, and leave nothing that looks whole.
check_full_disk() {
  [[ -w /dev/full ]] || return 0
  current="espdump > /dev/full"
  local options
  for options in "" -q --json -V; do
    # shellcheck disable=SC2086
    "$espdump" "$bad/wire.pcap" "${keys[@]}" $options >/dev/full 2>err </dev/null
    is 2 $?
    says err 'cannot write results: No space left on device'
  done
  run 2 "$bad/wire.pcap" "${keys[@]}" -w /dev/full
  says err '/dev/full: cannot be written: No space left on device'
  run 2 "$bad/wire.pcap" "${keys[@]}" --html /dev/full
  says err '/dev/full: cannot be written: No space left on device'
  # A limit on the size of files is a full disk, too, for files with a name.
  local name
  for name in inner.pcap inner.pcapng page.html; do
    rm -f "$name"
    echo before >"$name"
    (
      ulimit -f 8
      trap '' XFSZ
      if [[ $name == *.html ]]; then set -- --html "$name"; else set -- -w "$name"; fi
      "$espdump" "$bad/wire.pcap" "${keys[@]}" -q "$@" >out 2>err </dev/null
    )
    is 2 $?
    says err "$name: cannot be written: File too large"
    [[ $(<"$name") == before ]] || fail "half a $name under its name"
    [[ ! -e $name.part ]] || fail "$name.part is left behind"
  done
}

# Stopped in the middle, the program reports what it has read.
check_signals() {
  local signal status
  for signal in INT TERM; do
    [[ $signal == INT ]] && status=130 || status=143
    rm -f pipe && mkfifo pipe
    current="espdump pipe, SIG$signal"
    env --default-signal=INT,TERM "$espdump" pipe "${keys[@]}" -w inner.pcap >out 2>err </dev/null &
    local program=$!
    exec 3>pipe
    head -c 20000 "$bad/wire.pcap" >&3
    local i
    for ((i = 0; i < 500; ++i)); do
      grep -q ' #1 60 ' out && break
      sleep 0.01
    done
    kill -s "$signal" "$program"
    wait "$program"
    is "$status" $?
    exec 3>&-
    says err "^espdump: stopped by SIG$signal: what is told is about the [0-9]+ frames read until then$"
    says out '^SECURITY ASSOCIATIONS$'
    says out '^pipe: [0-9]+ frames'
    [[ -s inner.pcap && ! -e inner.pcap.part ]] || fail "the decrypted packets are not there"
    lacks err 'ends in the middle'
  done
  # Killed, it leaves nothing half done.
  rm -f inner.pcap pipe && mkfifo pipe
  current="espdump pipe, SIGKILL"
  "$espdump" pipe "${keys[@]}" -w inner.pcap >out 2>err </dev/null &
  program=$!
  exec 3>pipe
  head -c 20000 "$bad/wire.pcap" >&3
  for ((i = 0; i < 500; ++i)); do
    [[ -e inner.pcap.part ]] && grep -q ' #1 60 ' out && break
    sleep 0.01
  done
  kill -s KILL "$program"
  wait "$program" 2>/dev/null
  exec 3>&-
  for ((i = 0; i < 500; ++i)); do
    [[ -e inner.pcap.part ]] || break
    sleep 0.01
  done
  [[ ! -e inner.pcap && ! -e inner.pcap.part ]] || fail "something is left behind"
}

# A file that ends early or grows while it is read is read as far as it goes.
check_changing_files() {
  head -c 20000 "$bad/wire.pcap" >growing.pcap
  run 3 growing.pcap "${keys[@]}"
  says err 'growing.pcap: ends in the middle of a record'
  rm -f pipe && mkfifo pipe
  current="espdump pipe"
  "$espdump" pipe "${keys[@]}" -q >out 2>err </dev/null &
  local program=$!
  {
    head -c 20000 "$bad/wire.pcap"
    sleep 0.1
    tail -c +20001 "$bad/wire.pcap"
  } >pipe
  wait "$program"
  is 0 $?
  says out '^pipe: 388 frames'
  # Whoever closes the pipe has seen enough.
  current="espdump | head"
  "$espdump" "$bad/wire.pcap" "${keys[@]}" -V 2>err </dev/null | head -n 1 >out
  is 0 "${PIPESTATUS[0]}"
  silent err
}

# No key of the file in anything that is written.
# Whoever asks, and whoever sits there, is told that others can read the keys.
check_open_keys() {
  local told='keys: every user here can read these keys: chmod go-rwx it$'
  cp "$bad/xfrm-state.txt" keys
  chmod 644 keys
  run 0 "$bad/wire.pcap" --keys keys -q -v && says err "$told"
  run 0 "$bad/wire.pcap" --keys keys -q && lacks err "$told"
  run 0 keys keys -v && says err "$told"
  if has script; then
    current="espdump --keys keys, on a terminal"
    script -qec "'$espdump' '$bad/wire.pcap' --keys keys -q" /dev/null </dev/null | tr -d '\r' >out
    says out "$told"
  fi
  chmod 640 keys
  run 0 "$bad/wire.pcap" --keys keys -q -v && lacks err "$told"
  chmod 644 keys
  run 2 --policy keys --keys /dev/null "$bad/wire.pcap" && lacks err "$told"
}

check_leaks() {
  sed -n 's/.*0x\([0-9a-f]\{32,\}\).*/\1/p' "$bad/xfrm-state.txt" | sort -u >planted
  [[ -s planted ]] || fail "no keys to look for"
  rm -rf leaks && mkdir leaks
  local options number=0
  for options in "" -q -v -V -x --json "-w leaks/inner.pcapng" "--html leaks/page.html"; do
    # shellcheck disable=SC2086
    run 0 "$bad/wire.pcap" "${keys[@]}" $options
    cat out err >leaks/$((++number))
  done
  run 0 keys "$bad/xfrm-state.txt" -v && cat out err >leaks/keys
  run 0 keys "$bad/xfrm-state.txt" --to json && cat out err >leaks/json
  run 0 mtu --keys "$bad/xfrm-state.txt" && cat out err >leaks/mtu
  # Cut in the middle of its key the file is wrong, and what is said of it must not quote it.
  head -c 200 "$bad/xfrm-state.txt" >broken.txt
  "$espdump" keys broken.txt -v >leaks/broken 2>&1
  current="planted keys"
  local key
  while read -r key; do
    ! grep -rqiF -e "$key" -e "${key:0:32}" leaks || fail "a key in $(grep -rliF "${key:0:32}" leaks | head -1)"
    printf '%b' "$(sed 's/../\\x&/g' <<<"${key:0:32}")" >bytes
    ! grep -rqaFf bytes leaks 2>/dev/null || fail "bytes of a key in what was written"
  done <planted
}

# strace(1), where it may: after the sandbox is closed nothing is opened and no socket made.
check_system_calls() {
  has strace && strace -o trace true 2>/dev/null || return 0
  run 0 "$bad/wire.pcap" "${keys[@]}" -q -v
  ! grep -q '^espdump: sandbox: ' err || return 0  # it says itself that something is missing
  local with
  for with in "-q" "-w inner.pcapng -j 2" "--html page.html"; do
    # shellcheck disable=SC2086
    strace -f -o trace "$espdump" "$bad/wire.pcap" "${keys[@]}" $with >out 2>err </dev/null
    current="strace espdump $with"
    grep -q 'seccomp(SECCOMP_SET_MODE_FILTER' trace || fail "no filter of system calls"
    sed -n '/seccomp(SECCOMP_SET_MODE_FILTER/,$p' trace >behind
    # The keeper of the file's name is another process; it was there before.
    grep -E '^[0-9]+ +(open|openat|openat2|creat|socket|connect|bind|execve|fork|vfork)\(' behind >forbidden
    [[ ! -s forbidden ]] || fail "$(head -n 1 forbidden)"
  done
}
