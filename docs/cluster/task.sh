#!/usr/bin/env bash
# One task of a job: the partial result of one capture, or of a range of one.   task.sh NUMBER LIST KEYS DIRECTORY
#
# LIST names the captures, one a line, in the order in which they were taken, or ranges of them as `espdump index
# --slice` prints these; NUMBER counts from 1. The partial result becomes DIRECTORY/NUMBER.esp once it is whole. A task
# that is done already does nothing, so that a job may be started again as it is.
set -euo pipefail
number=$1 list=$2 keys=$3 directory=$4
range='^(.+) ([0-9]+-[0-9]*)$'

partial=$directory/$number.esp
[[ -e $partial ]] && exit 0
capture=$(sed -n "${number}p" "$list")
[[ -n $capture ]] || { echo "task.sh: $list has no line $number" >&2; exit 2; }
before=$( ((number == 1)) || sed -n "$((number - 1))p" "$list")
more=()
if [[ $capture =~ $range ]]; then
  capture=${BASH_REMATCH[1]}
  more=(--range "${BASH_REMATCH[2]}") # it knows what comes shortly before in the same capture
elif ((number > 1)) && [[ ! $before =~ $range ]]; then
  more=(--after "$before")
fi

# 3: the capture ends early, as that which is still written does. What there is was read, and merging says so.
espdump "$capture" --keys "$keys" "${more[@]}" --partial "$partial" || (($? == 3))
