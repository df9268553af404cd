#!/usr/bin/env bash
# Does explanations.sh find what it should?   explanations_test.sh ESPDUMP FINDINGS.md
set -euo pipefail
check=$(dirname "$0")/explanations.sh espdump=$1 document=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fails() { ! "$check" "$espdump" "$1" >/dev/null 2>&1 || { echo "explanations.sh passes $2" >&2; exit 1; }; }

sed 's/^What helps:$/What hurts:/' "$document" >"$scratch/changed.md"
fails "$scratch/changed.md" "a changed line"
sed '/^### icv\.bad$/,/^### ike\.auth-failed$/d' "$document" >"$scratch/missing.md"
fails "$scratch/missing.md" "a missing section"
echo '# Findings' >"$scratch/bare.md"
fails "$scratch/bare.md" "a document without the heading"
"$check" "$espdump" "$scratch/changed.md" --update
cmp "$scratch/changed.md" "$document"
