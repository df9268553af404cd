#!/usr/bin/env bash
# Runs one row of cases.txt and prints what it gave.  Usage: row.sh PROGRAM NAME
# ESPDUMP_ARGUMENTS: further arguments.
set -u
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
row=$(grep -E "^$2 +\|" "$here/cases.txt") || { echo "no row $2 in cases.txt" >&2; exit 1; }
arguments=$(cut -d'|' -f2 <<<"$row")
wanted=$(cut -d'|' -f3 <<<"$row" | tr -d ' ')
cd "$here/../../testdata/captures" || exit 1
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
# The arguments are ours, and quoted as for a shell.
eval "exec_arguments=($arguments ${ESPDUMP_ARGUMENTS:-})"
TZ=UTC LC_ALL=C "$program" "${exec_arguments[@]}" 2>"$errors" </dev/null
status=$?
# Matters of the system and of the build, and of the umask under which the sources were copied.
sed -i '/^espdump: sandbox: /d; /^espdump: .*every user here can read/d' "$errors"
if [ -s "$errors" ]; then
  echo "----------"
  cat "$errors"
fi
[ "$status" = "$wanted" ] || { echo "exit status $status, expected $wanted" >&2; exit 1; }
