#!/usr/bin/env bash
# Holds the last part of docs/findings.md against what `espdump explain` says, or with --update makes it so.
#   explanations.sh ESPDUMP FINDINGS.md [--update]
set -euo pipefail
espdump=$1 document=$2
heading='## What each means, and what helps'

if ! grep --quiet --line-regexp --fixed-strings "$heading" "$document"; then
  echo "explanations: $document has no line '$heading'" >&2
  exit 1
fi
made=$(mktemp)
trap 'rm -f "$made"' EXIT
{
  sed "/^$heading\$/q" "$document"
  printf '\n`espdump explain CODE` prints the same; `espdump explain --list` names all codes.\n\n'
  "$espdump" explain --all --markdown
} >"$made"

if [[ ${3:-} == --update ]]; then
  cat "$made" >"$document"
elif ! diff --unified=1 "$document" "$made"; then
  echo "explanations: $document is not what \`espdump explain\` says; tests/docs/explanations.sh … --update" >&2
  exit 1
fi
