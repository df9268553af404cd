#!/usr/bin/env bash
# How much of the sources corpora reach, each alone and all together.   coverage.sh BUILD [CORPORA]
# BUILD was made by clang with -DCMAKE_CXX_FLAGS="-fprofile-instr-generate -fcoverage-mapping" and has the replay_*
# programs; CORPORA has a directory for each fuzzer, testdata/corpus if not given.
set -euo pipefail
build=$(realpath "$1")
root=$(realpath "$(dirname "$0")/../..")
corpora=$(realpath "${2:-$root/testdata/corpus}")
version=$(sed -n 's/.*clang version \([0-9]*\).*/\1/p;q' < <(clang --version))
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# percent PROFILE PROGRAM...: lines and branches of the project's own sources
percent() {
  local objects=()
  for program in "${@:3}"; do objects+=(-object "$program"); done
  "llvm-cov-$version" export -summary-only -instr-profile "$1" "$2" "${objects[@]}" "$root/src" "$root/dissectors" \
    "$root/include" | jq -r '.data[0].totals | "\(.lines.percent | floor) % of lines, \(.branches.percent | floor) % of branches"'
}

programs=()
for program in "$build"/tests/fuzz/replay_*; do
  [[ -x $program ]] || continue
  name=${program##*/replay_}
  LLVM_PROFILE_FILE="$work/$name.raw" "$program" "$corpora/$name" >/dev/null
  "llvm-profdata-$version" merge -o "$work/$name.profile" "$work/$name.raw"
  printf '%-12s %6d inputs: %s\n' "$name" "$(find "$corpora/$name/" -type f | wc -l)" \
    "$(percent "$work/$name.profile" "$program")"
  programs+=("$program")
done
"llvm-profdata-$version" merge -o "$work/all.profile" "$work"/*.profile
printf '%-12s                %s\n' together "$(percent "$work/all.profile" "${programs[@]}")"
