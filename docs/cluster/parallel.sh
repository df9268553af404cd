#!/usr/bin/env bash
# The same job on one machine, or on several by ssh, with GNU parallel.   parallel.sh LIST KEYS DIRECTORY REPORT
#
# Started again it takes up where it was left, and repeats what failed. Options for parallel, such as --sshloginfile,
# go into PARALLEL_OPTIONS.
set -euo pipefail
list=$1 keys=$2 directory=$3 report=$4
here=$(cd "$(dirname "$0")" && pwd)
read -ra options <<<"${PARALLEL_OPTIONS:-}"

seq "$(wc -l <"$list")" |
  parallel "${options[@]}" --joblog "$directory/jobs.log" --resume-failed "$here/task.sh" {} "$list" "$keys" "$directory"
"$here/merge.sh" "$list" "$directory" "$report"
