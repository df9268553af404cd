#!/usr/bin/env bash
# Compares one row of cases.txt with its expectation.  Usage: check.sh PROGRAM NAME
set -u
here=$(cd "$(dirname "$0")" && pwd)
got=$(mktemp)
trap 'rm -f "$got"' EXIT
"$here/row.sh" "$1" "$2" >"$got" || exit 1
diff -u "$here/../../testdata/golden/$2.txt" "$got"
