#!/usr/bin/env bash
# Holds the sources against cppcheck; cppcheck.txt has what is left out, and why.   cppcheck.sh [TREE]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:-$here/../..}"
exec cppcheck -j "$(nproc)" --quiet --std=c++20 --language=c++ --enable=warning,performance,portability \
  --suppressions-list="$here/cppcheck.txt" --error-exitcode=1 -Iinclude -Isrc src dissectors
