#!/usr/bin/env bash
# Gives readme.sh small documents, right and wrong ones, and expects it to tell them apart.
set -uo pipefail
readme=$(realpath "$(dirname "$0")/../readme.sh")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

mkdir -p "$scratch/tree/testdata"
echo "some data" >"$scratch/tree/testdata/file"
cat >"$scratch/program" <<'END'
#!/bin/sh
printf 'first (1)\nsecond [2] *\nthird\nfourth   \n'
echo "complaint: $1" >&2
exit 3
END
chmod +x "$scratch/program"

# expect STATUS NAME: the document is standard input.
expect() {
  local status=0
  cat >"$scratch/README.md"
  READMERUN_ROOT="$scratch/tree" "$BASH" "$readme" "$scratch/program" "$scratch/README.md" >"$scratch/said" 2>&1 || status=$?
  if ((status == $1)); then return; fi
  echo "$2: exit status $status, not $1"
  sed 's/^/  /' "$scratch/said"
  failures=$((failures + 1))
}

expect 0 "as printed, to the letter" <<'END'
Text, and a block of another kind:
```sh
false
```
```console
$ espdump x
first (1)
second [2] *
third
fourth
complaint: x
$ build/espdump \
    'a b'
first (1)
second [2] *
third
fourth
complaint: a b
```
END
expect 0 "the tree can be read, what is created is seen by the next command" <<'END'
```console
$ cat testdata/file > new; cat new
some data
$ cat new
some data
```
END
if [[ -e $scratch/tree/new ]]; then
  echo "an example wrote into the tree"
  failures=$((failures + 1))
fi
expect 0 "lines left out" <<'END'
```console
$ espdump
first (1)
…
fourth
...
$ espdump
…
$ true
…
```
END
expect 0 "text left out" <<'END'
```console
$ espdump x
fi…t (1)
…[2]…
third
four…
…: …
```
END
expect 0 "nothing printed, nothing expected" <<'END'
```console
$ true
```
END
expect 0 "skipped" <<'END'
```console skip
$ espdump
wrong
```
```console
$ espdump  # not run
wrong
```
END
expect 1 "another text" <<'END'
```console
$ espdump x
first (2)
…
```
END
expect 1 "a line too few" <<'END'
```console
$ espdump x
first (1)
second [2] *
third
fourth
```
END
expect 1 "a line too many" <<'END'
```console
$ true
anything
```
END
expect 1 "output not shown" <<'END'
```console
$ espdump
```
END
expect 1 "pattern characters mean themselves" <<'END'
```console
$ echo aab
a*b
```
END
expect 1 "text left out stays within its line" <<'END'
```console
$ espdump
first…third
…
```
END
expect 1 "the second of two commands" <<'END'
```console
$ true
$ echo no
yes
```
END
expect 1 "no such command" <<'END'
```console
$ there-is-no-such-command
…
```
END
expect 1 "a block that is not closed" <<'END'
```console
$ true
END

status=0
"$BASH" "$readme" "$scratch/program" "$scratch/absent.md" >/dev/null 2>&1 || status=$?
if ((status != 77)); then
  echo "no document: exit status $status, not 77"
  failures=$((failures + 1))
fi

echo "readme_test: $failures failures"
exit $((failures > 0))
