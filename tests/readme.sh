#!/usr/bin/env bash
# readme.sh PROGRAM FILE...: runs the examples in documents and compares what they print.
#
# An example is a fenced block marked `console`: lines that begin with "$ " are commands (continued after a final
# backslash), the lines below are what they print, on standard output and standard error. `…` or `...` alone on a
# line stands for any number of lines, `…` inside a line for any text. A block marked `console skip`, or with
# `# not run` in its first line, is left out. Commands see the repository's files in their working directory
# (READMERUN_ROOT, else the tree this script is in), but what they create goes to a scratch directory.
# Exit status: 0 all as printed, 1 some differ, 77 none of the files exists.
set -euo pipefail
program=$(realpath "$1")
shift
root=$(realpath "${READMERUN_ROOT:-$(dirname "$0")/..}")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
examples=0
failures=0

# A working directory that shows the tree; `espdump` and `build/espdump` are the program.
make_place() {
  rm -rf "${scratch:?}/place" "$scratch/bin"
  mkdir -p "$scratch/place/build" "$scratch/bin" "$scratch/home"
  local entry
  for entry in "$root"/*; do
    case ${entry##*/} in build*) continue ;; esac
    ln -s "$entry" "$scratch/place/"
  done
  ln -s "$program" "$scratch/place/build/espdump"
  ln -s "$program" "$scratch/bin/espdump"
}

# The expected lines as one regular expression, line by line.
as_regex() {
  local line newline=$'\n'
  printf '^'
  while IFS= read -r line; do
    if [[ $line == "…" || $line == "..." ]]; then
      printf '([^%s]*%s)*' "$newline" "$newline"
      continue
    fi
    line=$(sed 's/[][\\.*^$+?(){}|]/\\&/g' <<<"$line")
    printf '%s%s' "${line//…/[^$newline]*}" "$newline"
  done
  printf '$'
}

# check WHERE COMMAND EXPECTED-LINES
check() {
  local where=$1 command=$2 status=0 actual expected regex
  examples=$((examples + 1))
  (cd "$scratch/place" && env -i PATH="$scratch/bin:/usr/local/bin:/usr/bin:/bin" HOME="$scratch/home" LC_ALL=C.UTF-8 \
    TZ=UTC ${ASAN_OPTIONS+ASAN_OPTIONS="$ASAN_OPTIONS"} ${UBSAN_OPTIONS+UBSAN_OPTIONS="$UBSAN_OPTIONS"} \
    bash -c "$command") >"$scratch/actual" 2>&1 </dev/null || status=$?
  # Documents do not keep blanks at the ends of lines.
  # What a system has no sandbox for is no matter of documents.
  actual=$(sed '/^espdump: sandbox: /d; /^espdump: .*every user here can read/d; s/[[:blank:]]*$//' "$scratch/actual" && printf x)
  actual=${actual%x}
  [[ -z $actual || $actual == *$'\n' ]] || actual+=$'\n'
  expected=$(printf '%s' "$3" | sed 's/[[:blank:]]*$//' && printf x)
  expected=${expected%x}
  regex=$(as_regex < <(printf '%s' "$expected"))
  if ((status < 126)) && [[ $actual =~ $regex ]]; then return 0; fi
  failures=$((failures + 1))
  echo "$where: not what is printed: $command"
  ((status < 126)) || echo "  (exit status $status)"
  diff -u --label document --label printed <(printf '%s' "$expected") <(printf '%s' "$actual") | sed 's/^/  /' || true
}

# run_document FILE
run_document() {
  local file=$1 number=0 first=0 state=text command="" where="" expected="" line rest
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    if [[ $state == text ]]; then
      [[ $line == '```'* ]] || continue
      state=other
      if [[ $line == '```console' ]]; then
        state=console
        first=$((number + 1))
      fi
    elif [[ $line == '```'* ]]; then
      if [[ $state == console && -n $command ]]; then check "$where" "$command" "$expected"; fi
      state=text command="" expected=""
    elif [[ $state == other ]]; then
      continue
    elif ((number == first)) && [[ $line == *'# not run'* ]]; then
      state=other
    elif [[ $line == '$ '* ]]; then
      if [[ -n $command ]]; then check "$where" "$command" "$expected"; fi
      command=${line#'$ '} where="$file:$number" expected=""
      while [[ $command == *\\ ]] && IFS= read -r rest; do
        number=$((number + 1))
        command=${command%\\}${rest#'> '}
      done
    else
      expected+=$line$'\n'
    fi
  done <"$file"
  [[ $state == text ]] || { echo "$file: a fenced block is not closed"; failures=$((failures + 1)); }
}

export LC_ALL=C.UTF-8
found=0
for file in "$@"; do
  [[ -e $file ]] || continue
  found=$((found + 1))
  make_place
  run_document "$file"
done
if ((found == 0)); then
  echo "none of these exists: $*"
  exit 77
fi
echo "$examples examples, $failures not as printed"
exit $((failures > 0))
