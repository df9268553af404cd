#!/usr/bin/env bash
# Rewrites the expectations of the named rows: read the difference before committing it.
# Usage: tests/golden/update.sh PROGRAM NAME...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$1
shift
for name in "$@"; do
  "$here/row.sh" "$program" "$name" >"$here/../../testdata/golden/$name.txt"
done
