#!/usr/bin/env bash
# Counts the instructions that fixed jobs take, by valgrind, and holds them against testdata/performance/
# instructions.txt: unlike times, they are the same on every run, however busy the machine is.
#   instructions.sh BUILD_DIRECTORY [--record]
# Counts of one's own code are a matter of the compiler, those of the cipher's library of its version; what has no
# record for these is passed over. Valgrind shows programs a processor without the newest instructions (VAES, AVX-512,
# SHA), the same one nearly everywhere. Exit status 77: nothing could be compared.
set -euo pipefail
build=$(realpath "${1:?name the build directory}")
record=$(realpath "$(dirname "$0")/../../testdata/performance")/instructions.txt
tools=$build/tests/bench
readonly bound=15 cipher_bound=30 # percent

cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
skip() {
  echo "skipped: $*"
  exit 77
}
command -v valgrind >/dev/null || skip "valgrind is not installed"
[[ $(cached CMAKE_BUILD_TYPE) == Release ]] || skip "$build is no Release build"
[[ $(cached ESPDUMP_HARDEN) == ON && -z $(cached ESPDUMP_SANITIZE) ]] || skip "$build is not built as releases are"
[[ -z $(cached CMAKE_CXX_FLAGS) ]] || skip "$build has compiler options of its own"

# "x86_64 g++-12"
compiler=$(cached CMAKE_CXX_COMPILER)
version=$("$compiler" --version | head -1)
case $version in
  *clang*) compiler_name=clang ;;
  *) compiler_name=g++ ;;
esac
compiler_key=$(uname -m)/$compiler_name-$("$compiler" -dumpversion | cut -d. -f1)
cipher_key=$("$build/espdump" --version | sed -n 's/.*OpenSSL \([0-9]*\.[0-9]*\).*/openssl-\1/p' | head -1)

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
unset OPENSSL_ia32cap GLIBC_TUNABLES MALLOC_PERTURB_
export LC_ALL=C

# Which library deciphers must not hang on what this machine has.
crypto=()
if "$build/espdump" --help | grep -q -- --crypto; then crypto=(--crypto openssl); fi
# valgrind writes a file at the end, which a sandbox forbids.
if "$build/espdump" --help | grep -q -- --no-sandbox; then crypto+=(--no-sandbox); fi

# Instructions in a run of espdump: those of the libraries of ciphers, then all others.
count() {
  valgrind --tool=callgrind --callgrind-out-file="$directory/out" --compress-strings=no --compress-pos=no \
    "$build/espdump" "$@" "${crypto[@]}" >/dev/null 2>"$directory/errors" || {
    cat "$directory/errors" >&2
    return 1
  }
  # Finding the libraries is left out: there are more or fewer of them. The line behind "calls=" is what the callee
  # took, which is counted there.
  awk '/^ob=/ {cipher = /libcrypto/}
    /^ob=/ {loader = /ld-linux|ld-musl/}
    /^calls=/ {getline; next}
    loader {next}
    /^[0-9]/ {if (cipher) in_cipher += $2; else own += $2}
    END {printf "%d %d\n", own, in_cipher}' "$directory/out"
}

# job NAME "OPTIONS OF MAKE_CAPTURE" OPTION...: prints name, own instructions, instructions of the cipher.
job() {
  local name=$1 traffic capture=$directory/$1
  read -ra traffic <<<"$2"
  mkdir "$capture"
  "$tools/make_capture" "$capture" "${traffic[@]}" >/dev/null
  echo "$name $(count "$capture/capture.pcap" --keys "$capture/xfrm-state.txt" "${@:3}")"
}
all_jobs() {
  job quiet-gcm-64 "--packets 20000 --size 64" -q
  job quiet-gcm-64-sas-1000 "--packets 10000 --size 64 --sas 1000" -q
  job quiet-cbc-sha256-1400 "--packets 3000 --size 1400 --suite aes256-sha256" -q
  job lines-gcm-64 "--packets 5000 --size 64" --color never
  job json-gcm-64 "--packets 5000 --size 64" --json
  job write-gcm-1400 "--packets 5000 --size 1400" -q -w "$directory/out.pcap"
}

if [[ ${2:-} == --record ]]; then
  all_jobs >"$directory/counts"
  {
    if [[ -f $record ]]; then grep -v " $compiler_key " "$record"; else
      echo "# Instructions per job, as tests/bench/instructions.sh --record counts them: job, those outside the library"
      echo "# of ciphers and those in it, machine and compiler, library, date."
    fi
    awk -v tail="$compiler_key ${cipher_key:-unknown} $(date -u +%Y-%m-%d)" '{print $0, tail}' "$directory/counts"
  } >"$directory/record"
  cp "$directory/record" "$record"
  cat "$record"
  exit
fi

grep -q " $compiler_key " "$record" || skip "no record for $compiler_key; --record makes one"
all_jobs | tee "$directory/counts" | awk -v bound=$bound -v cipher_bound=$cipher_bound -v compiler="$compiler_key" \
  -v cipher="$cipher_key" '
  function compare(name, what, now, before, bound,    change) {
    if (before == 0) return
    change = 100 * (now / before - 1)
    printf "%-24s %-6s %12d, on record %12d, %+.1f %%\n", name, what, now, before, change
    if (change > bound) {
      printf "%s: %s: more than %d %% above the record\n", name, what, bound
      failed = 1
    } else if (change < -bound) {
      printf "%s: %s: so much better that it should be recorded anew: instructions.sh BUILD --record\n", name, what
    }
  }
  FNR == NR {
    if ($4 == compiler) {
      own[$1] = $2
      if ($5 == cipher) in_cipher[$1] = $3
    }
    next
  }
  {
    if (!($1 in own)) print $1 ": not on record"
    compare($1, "own", $2, own[$1], bound)
    compare($1, "cipher", $3, in_cipher[$1], cipher_bound)
    ++jobs
  }
  END {exit failed || jobs == 0}' "$record" -
