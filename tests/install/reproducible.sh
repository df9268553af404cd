#!/usr/bin/env bash
# Builds twice, in trees of other names and build directories of other depths, and compares program, library and
# packages byte for byte. Takes as long as two whole builds: run by hand, not by ctest.   reproducible.sh [JOBS]
# What is built is the commit that is checked out.
set -euo pipefail
jobs=${1:-$(nproc)}
source=$(realpath "$(dirname "$0")/../..")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
commit=$(git -C "$source" rev-parse --short=12 HEAD)
SOURCE_DATE_EPOCH=$(git -C "$source" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
# The second build must not get objects of the first.
export CCACHE_DISABLE=1

# build TREE BUILD UMASK TIME-ZONE
build() {
  mkdir -p "$1"
  git -C "$source" archive HEAD | tar -x -C "$1"
  (
    umask "$3"
    export TZ=$4
    cmake -S "$1" -B "$2" -G Ninja -DCMAKE_INSTALL_PREFIX=/usr -DESPDUMP_TESTS=OFF -DESPDUMP_COMMIT="$commit"
    cmake --build "$2" --parallel "$jobs"
    # CPack puts the modes of its own files into the outermost headers of a package, and they follow the umask.
    umask 022
    cd "$2"
    cpack -G DEB
  ) >"$scratch/log" 2>&1 || { tail -n 30 "$scratch/log"; return 1; }
}
build "$scratch/one" "$scratch/one/build" 022 UTC
build "$scratch/another/tree" "$scratch/elsewhere/out/of/it" 027 Asia/Tokyo

failures=0
cd "$scratch/one/build"
for file in espdump src/libespdump.a *.deb; do
  if cmp "$file" "$scratch/elsewhere/out/of/it/$file"; then
    echo "equal: $(sha256sum "$file")"
  else
    failures=$((failures + 1))
  fi
done
exit $((failures != 0))
