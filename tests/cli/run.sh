#!/usr/bin/env bash
# Runs the real program as people do.   run.sh ESPDUMP TESTDATA [GROUP]...
# Groups are the functions group_* below; without any all are run. Exit 77: no test data.
set -u
espdump=$(realpath "$1") testdata=$(realpath "$2")
shift 2
here=$(cd "$(dirname "$0")" && pwd)
captures=$testdata/captures
if [[ ! -r $captures/replay-and-icv/wire.pcap ]]; then
  echo "cli: no captures in $captures" >&2
  exit 77
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1
export LC_ALL=C TERM=xterm
unset NO_COLOR

# A capture with findings, one without, and one in BEET mode; under short names, as the report breaks long lines.
bad=bad good=good beet=beet
ln -s "$captures/replay-and-icv" bad
ln -s "$captures/manual-tunnel-cbc-sha256" good
ln -s "$captures/beet-natt-chacha20" beet
failures=0

fail() {
  echo "FAILED $current: $*" >&2
  sed 's/^/  stdout: /' out 2>/dev/null | head -5 >&2
  sed 's/^/  stderr: /' err 2>/dev/null | head -5 >&2
  failures=$((failures + 1))
}
# run STATUS ARGUMENT...: the program's streams go to `out` and `err`.
run() {
  local wanted=$1
  shift
  current="espdump $*"
  "$espdump" "$@" >out 2>err </dev/null
  is "$wanted" $?
}
is() { [[ $2 == "$1" ]] || fail "exit status $2, $1 wanted"; }
# says out|err PATTERN, lacks out|err PATTERN: extended regular expressions.
says() { grep -qE -e "$2" "$1" || fail "no '$2' in std$1"; }
lacks() { ! grep -qE -e "$2" "$1" || fail "'$2' in std$1"; }
# What a system or a build has no sandbox for is no matter here.
silent() { ! grep -qvE '^espdump: (sandbox: |.*every user here can read)' "$1" || fail "std$1 is not empty"; }
lines() { [[ $(wc -l <"$1") == "$2" ]] || fail "$(wc -l <"$1") lines in std$1, $2 wanted"; }
has() { command -v "$1" >/dev/null; }
# Lines of packets in the text output.
packets() { grep -cE '^ *[0-9]+ +[0-9]+\.[0-9]{6}  ' "$1"; }

for file in "$here"/group_*.sh; do
  # shellcheck source=/dev/null
  source "$file"
done
groups=("$@")
((${#groups[@]})) || mapfile -t groups < <(compgen -A function | sed -n 's/^group_//p')
for group in "${groups[@]}"; do
  if ! declare -F "group_$group" >/dev/null; then
    echo "cli: no group $group" >&2
    exit 2
  fi
  "group_$group"
done
((failures == 0)) || exit 1
echo "cli: ${groups[*]}: all as it should be"
