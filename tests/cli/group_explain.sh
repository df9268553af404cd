# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# `espdump explain`.

group_explain() {
  run 0 explain icv.bad
  silent err
  says out '^icv\.bad \(error\): the ICV of a packet does not verify under its SA$'
  says out '^What causes it$'
  says out '^  \$ sudo ip -s xfrm state$'
  says out '^What helps$'
  run 0 explain replay.stale seq.lost
  says out '^replay\.stale \(error\)'
  says out '^seq\.lost \(warning\)'
  run 0 explain mtu.blackhole --json
  lines out 1
  says out '^\{"type":"explanation","code":"mtu\.blackhole","severity":"error"'

  run 0 explain --list
  says out '^icv\.bad +error +the ICV of a packet does not verify under its SA$'
  local codes=() code
  mapfile -t codes < <(cut -d' ' -f1 out)
  ((${#codes[@]} > 40)) || fail "only ${#codes[@]} codes"
  for code in "${codes[@]}"; do
    run 0 explain "$code"
    silent err
    says out "^${code//./\\.} \("
  done
  run 0 explain --all --json
  lines out "${#codes[@]}"

  run 2 explain icv
  says err "^espdump: no finding is called 'icv': there are gateway\.leaked-bad-icv, icv\.bad$"
  silent out
  run 2 explain seq.lots
  says err 'there are seq\.exhausting, seq\.lost, '
  run 2 explain nothing.like.it
  says err '`espdump explain --list` names them all'
  run 2 explain $'icv\x1bbad' icv.bad
  says err 'icv\\x1bbad'
  says out '^icv\.bad \(error\)'
  run 2 explain
  says err '^Usage: espdump explain CODE'
  run 2 explain --json
  says err 'no code given'
  run 2 explain icv.bad --all
  says err 'exclude each other'
  run 2 explain --list --json
  says err 'plain text'
}
