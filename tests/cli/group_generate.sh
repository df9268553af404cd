# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# `espdump --generate`: manual pages and completions, as man and the shells take them. What is not installed here is not
# asked.

# completes WORD...: what bash would offer for the last of them, sorted, in `out`.
completes() {
  current="bash completion of: $*"
  bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _espdump; printf "%s\n" "${COMPREPLY[@]}"' \
    bash "$PWD/completion.bash" "$@" 2>err | sort >out
}
# in_fish LINE: the same of fish.
in_fish() {
  current="fish completion of: $1"
  fish --no-config -c "source $PWD/completion.fish; complete -C '$1'" 2>err | cut -f1 | sort >out
}

group_generate() {
  local page command
  for page in man man-explain man-gateway man-keys man-mtu; do
    run 0 --generate "$page"
    silent err
    says out '^\.TH ESPDUMP'
    for part in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do says out "^\\.SH $part\$"; done
    cp out "$page.1"
    if command -v mandoc >/dev/null; then
      mandoc -T lint -W warning "$page.1" 2>&1 | grep -v 'missing date' >err
      silent err
    fi
  done
  # Every option of the help is in its page.
  for command in '' explain gateway keys mtu; do
    # shellcheck disable=SC2086
    run 0 $command --help
    grep -oE '^ +(-[a-zA-Z], )?--[a-z-]+' out | grep -oE -- '--[a-z-]+' >options
    cp "man${command:+-$command}.1" out
    sed -i 's/\\-/-/g; s/\\f.//g' out
    while read -r option; do says out "(^|, )$option( |\$)"; done <options
  done
  cp man-explain.1 out
  says out '^\.SS icv\.bad$'
  cp man.1 out
  says out '^\\fBmtu\.blackhole\\fR \(error\)$'

  run 0 --generate bash && cp out completion.bash
  bash -n completion.bash 2>err
  silent err
  completes espdump --co
  [[ $(tr '\n' ' ' <out) == '--color --count ' ]] || fail "$(cat out)"
  completes espdump x.pcap --color ''
  [[ $(tr '\n' ' ' <out) == 'always auto never ' ]] || fail "$(cat out)"
  completes espdump mtu --outer ipv
  [[ $(tr '\n' ' ' <out) == 'ipv4 ipv6 ' ]] || fail "$(cat out)"
  completes espdump explain mtu.b
  [[ $(cat out) == mtu.blackhole ]] || fail "$(cat out)"
  touch 'with space.pcap'
  completes espdump gateway --keys with
  [[ $(cat out) == 'with space.pcap' ]] || fail "$(cat out)"
  completes espdump mtu with
  [[ -z $(tr -d '\n' <out) ]] || fail "mtu takes no files: $(cat out)"
  completes espdump gat
  [[ $(cat out) == gateway ]] || fail "$(cat out)"
  completes espdump x.pcap --count ''
  [[ -z $(tr -d '\n' <out) ]] || fail "$(cat out)"

  run 0 --generate zsh
  says out '^#compdef espdump$'
  if command -v zsh >/dev/null; then
    cp out completion.zsh
    zsh -n completion.zsh 2>err
    silent err
  fi
  run 0 --generate fish
  if command -v fish >/dev/null; then
    cp out completion.fish
    in_fish 'espdump --co'
    [[ $(tr '\n' ' ' <out) == '--color --count ' ]] || fail "$(cat out)"
    in_fish 'espdump keys --to '
    [[ $(tr '\n' ' ' <out) == 'json wireshark wireshark-ike xfrm ' ]] || fail "$(cat out)"
    in_fish 'espdump explain mtu.b'
    [[ $(cat out) == mtu.blackhole ]] || fail "$(cat out)"
  fi

  run 2 --generate nothing
  says err "--generate: 'nothing' is none of man, man-explain, .*, bash, zsh, fish"
}
