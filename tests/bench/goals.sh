#!/usr/bin/env bash
# Measures espdump against its goals and its peers, and prints the table of docs/performance.md.
#   goals.sh BUILD_DIRECTORY [PACKETS]
# Needs a release build with tests/bench, and disk for 10 * PACKETS packets (TMPDIR). Peers that are not there are left
# out. What is compared runs alternately; numbers are medians of RUNS (5) runs, CPU is user and system time together.
# BACKEND=openssl or ipsec-mb has espdump and the raw loop decipher with that.
set -euo pipefail
build=$(realpath "${1:?name the build directory}")
packets=${2:-1000000} runs=${RUNS:-5}
tools=$build/tests/bench espdump=$build/espdump

fail() {
  echo "goals.sh: $*" >&2
  exit 1
}
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }
[[ $(cached CMAKE_BUILD_TYPE) == Release ]] || fail "$build is no Release build; others say nothing"
[[ -z $(cached ESPDUMP_SANITIZE) ]] || fail "$build has sanitizers"
[[ $packets =~ ^[0-9]+$ ]] && ((packets >= 10000)) || fail "at least 10000 packets"
for program in "$espdump" "$tools/make_capture" "$tools/measure" "$tools/raw_loop"; do
  [[ -x $program ]] || fail "$program is not built"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
has() { command -v "$1" >/dev/null; }
say() { printf '%s\n' "$*" >&2; }

# --- captures ---------------------------------------------------------------------------------------------------

# capture NAME PACKETS OPTION...: $work/NAME with the capture, its keys, and Wireshark's configuration.
capture() {
  local name=$1 count=$2
  shift 2
  say "making $name: $count packets $*"
  mkdir -p "$work/$name/wireshark"
  "$tools/make_capture" "$work/$name" --packets "$count" "$@" >/dev/null
  mv "$work/$name/esp_sa" "$work/$name/wireshark/esp_sa"
  cat "$work/$name/capture.pcap" >/dev/null
}
# The first packet of a capture alone, with the same keys.
capture_start() {
  mkdir -p "$work/$1.start"
  cp -r "$work/$1/wireshark" "$work/$1.start/"
  local length
  length=$(od -A n -t u4 -j 32 -N 4 "$work/$1/capture.pcap")
  head -c $((24 + 16 + length)) "$work/$1/capture.pcap" >"$work/$1.start/capture.pcap"
}

# --- commands: each sets the array `command` ----------------------------------------------------------------------

with_espdump() { # CAPTURE OPTION...
  command=("$espdump" "$work/$1/capture.pcap" --keys "$work/$1/xfrm-state.txt" "${crypto[@]}" "${@:2}")
}
with_tshark() { # CAPTURE OPTION...
  command=(env "XDG_CONFIG_HOME=$work/$1" tshark -n -r "$work/$1/capture.pcap"
    -o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE "${@:2}")
}
with_tcpdump() { # CAPTURE
  local key
  key=$(sed -n 's/.*enc cbc(aes) //p' "$work/$1/xfrm-state.txt")
  command=(tcpdump -n -r "$work/$1/capture.pcap" -E "0x1000@192.0.2.2 aes128-cbc-hmac96:$key")
  ((EUID != 0)) || command+=(-Z root) # else it gives up root, and with it the file
}

# --- measuring --------------------------------------------------------------------------------------------------

declare -A packets_of
# sample NAME PACKETS WITH ARGUMENT...: one run of a command, kept under NAME.
sample() {
  local name=$1 with=$3
  packets_of[$name]=$2
  "$with" "${@:4}"
  "$tools/measure" "$work/$name.times" "${command[@]}" >/dev/null 2>"$work/errors" || {
    tail -3 "$work/errors" >&2
    fail "failed: ${command[*]}"
  }
}
with() { command=("$@"); }
raw_loop() { "$tools/raw_loop" "$1" aes128gcm16 "$2" "$packets" >>"$work/raw-$1-$2.times"; }

middle() { sort -n | awk '{value[NR] = $1} END {print value[int((NR + 1) / 2)]}'; }
# Medians of what was sampled under a name.
cpu() { awk '{print $1 + $2}' "$work/$1.times" | middle; }   # microseconds
user() { awk '{print $1}' "$work/$1.times" | middle; }
wall() { awk '{print $3}' "$work/$1.times" | middle; }
peak() { awk '{print $4 / 1024}' "$work/$1.times" | middle; } # MiB
raw() { middle <"$work/raw-$1-$2.times"; }                     # nanoseconds a packet
each() { compute "$(cpu "$1") * 1000 / ${packets_of[$1]}"; }   # the same
# Of tshark, less what its start takes: nanoseconds a packet.
each_of_tshark() { compute "($(cpu "$1") - $(cpu "$1.start")) * 1000 / (${packets_of[$1]} - 1)"; }

compute() { awk "BEGIN {printf \"%.6f\", $1}"; }
whole() { printf '%.0f' "$1"; }
tenths() { printf '%.1f' "$1"; }
holds() { awk "BEGIN {exit !($1)}"; }
# row WHAT GOAL MEASURED [CONDITION]
row() {
  local met="-"
  if (($# == 4)); then if holds "$4"; then met=yes; else met=no; fi; fi
  printf '| %s | %s | %s | %s |\n' "$1" "$2" "$3" "$met" >>"$work/table"
}
skipped() { row "$1" "$2" "skipped: $3"; }
# What a capture is worth measuring for: that everything in it is opened.
check_espdump() { # CAPTURE PACKETS
  with_espdump "$1" -q --json
  "${command[@]}" | grep -q "\"decrypted\":$2[,}]" || fail "espdump does not open every packet of $1"
}
check_tshark() { # CAPTURE PACKETS
  with_tshark "$1" -Y "udp && esp.icv_good == 1" -T fields -e frame.number
  local opened
  opened=$("${command[@]}" 2>"$work/errors" | wc -l)
  ((opened == $2)) || fail "tshark opens $opened of $2 packets of $1"
}
repeat() {
  local run
  for ((run = 0; run < runs; ++run)); do "$@"; done
}

# --- the goals --------------------------------------------------------------------------------------------------

backend=openssl crypto=()
if "$espdump" --help | grep -q -- --crypto; then
  if "$espdump" --version | grep -qi "ipsec.mb"; then backend=ipsec-mb; fi
  backend=${BACKEND:-$backend} crypto=(--crypto "${BACKEND:-$backend}")
fi
# MiB: for everything, and for the tables that docs/output.md has: IVs of the latest 1,048,576 packets, where and when
# the latest 262,144 were met.
most_memory=$((32 + 40 + 15))
# Of tshark's packets; enough to see them beside its start.
few=$((packets < 200000 ? 20000 : packets / 10)) fewer=$((packets < 250000 ? 5000 : packets / 50))
fewest=$((packets < 200000 ? 2000 : packets / 100))

beside_the_cipher() { # SIZE
  local size=$1 over beyond
  once() {
    raw_loop $backend "$size"
    sample "cat-$size" "$packets" with cat "$work/gcm-$size/capture.pcap"
    sample "quiet-$size" "$packets" with_espdump "gcm-$size" -q
    sample "write-$size" "$packets" with_espdump "gcm-$size" -q -w "$work/out.pcap"
  }
  repeat once
  over=$(compute "$(each "quiet-$size") - $(raw $backend "$size") - $(each "cat-$size")")
  beyond="raw loop ($(whole "$(raw $backend "$size")") ns) and \`cat\` ($(whole "$(each "cat-$size")") ns)"
  row "\`-q\`, $size B: CPU beyond $beyond" \
    "at most 80 ns" "$(whole "$over") ns" "$over <= 80"
  over=$(compute "($(user "write-$size") - $(user "quiet-$size")) * 1000 / $packets")
  row "\`-w out.pcap\`, $size B: user CPU beyond \`-q\`" "at most 60 ns" "$(whole "$over") ns" "$over <= 60"
}

beside_tshark() { # SIZE GOAL
  local size=$1 goal=$2 ratio
  has tshark || return 0
  capture "shark-$size" "$few" --size "$size"
  capture_start "shark-$size"
  check_tshark "shark-$size" "$few"
  once() {
    sample "tshark-$size" "$few" with_tshark "shark-$size"
    sample "tshark-$size.start" 1 with_tshark "shark-$size.start"
    sample "quietly-$size" "$packets" with_espdump "gcm-$size" -q
    sample "lines-$size" "$packets" with_espdump "gcm-$size"
  }
  repeat once
  ratio=$(compute "$(each_of_tshark "tshark-$size") / $(each "quietly-$size")")
  row "\`-q\` against tshark's lines, $size B" "$goal times" "$(tenths "$ratio") times" "$ratio >= $goal"
  ratio=$(compute "$(each_of_tshark "tshark-$size") / $(each "lines-$size")")
  row "a line per packet against tshark's lines, $size B" "10 times" "$(tenths "$ratio") times" "$ratio >= 10"
}

many_sas_beside_tshark() {
  local ratio
  has tshark || return 0
  capture shark-sas "$fewer" --size 64 --sas 1000
  capture_start shark-sas
  capture sas-1000 "$packets" --size 64 --sas 1000
  check_tshark shark-sas "$fewer"
  once() {
    sample tshark-sas "$fewer" with_tshark shark-sas
    sample tshark-sas.start 1 with_tshark shark-sas.start
    sample quiet-sas-1000 "$packets" with_espdump sas-1000 -q
  }
  repeat once
  ratio=$(compute "$(each_of_tshark tshark-sas) / $(each quiet-sas-1000)")
  row "\`-q\` against tshark's lines, 64 B, 1,000 SAs" "600 times" "$(tenths "$ratio") times" "$ratio >= 600"
  rm -r "$work/sas-1000"
}

json_beside_tshark() {
  local ratio
  has tshark || return 0
  capture shark-json "$fewest" --size 64
  capture_start shark-json
  once() {
    sample tshark-json "$fewest" with_tshark shark-json -T json
    sample tshark-json.start 1 with_tshark shark-json.start -T json
    sample json "$packets" with_espdump gcm-64 --json
  }
  repeat once
  ratio=$(compute "$(each_of_tshark tshark-json) / $(each json)")
  row "\`--json\` against \`tshark -T json\`, 64 B" "100 times" "$(tenths "$ratio") times" "$ratio >= 100"
}

beside_tcpdump() {
  has tcpdump || return 0
  capture cbc "$packets" --size 64 --suite aes128-sha1
  once() {
    sample tcpdump "$packets" with_tcpdump cbc
    sample lines-cbc "$packets" with_espdump cbc
    sample quiet-cbc "$packets" with_espdump cbc -q
  }
  repeat once
  row "a line per packet against \`tcpdump -E\`, AES-CBC and SHA-1, 64 B; it checks no ICV" "-" \
    "$(tenths "$(compute "$(each tcpdump) / $(each lines-cbc)")") times"
  row "\`-q\` against the same" "-" "$(tenths "$(compute "$(each tcpdump) / $(each quiet-cbc)")") times"
  rm -r "$work/cbc"
}

two_threads() { # SIZE
  local size=$1 time work_done
  once() {
    sample "one-$size" "$packets" with_espdump "gcm-$size" -q -j 1
    sample "two-$size" "$packets" with_espdump "gcm-$size" -q -j 2
  }
  repeat once
  time=$(compute "$(wall "two-$size") / $(wall "one-$size")")
  work_done=$(compute "$(cpu "two-$size") / $(cpu "one-$size")")
  row "two threads against one, $size B: time, CPU" "at most 0.6, 1.1" "$(printf '%.2f, %.2f' "$time" "$work_done")" \
    "$time <= 0.6 && $work_done <= 1.1"
}

many_sas() {
  local goal=2.5 ratio
  [[ $backend == openssl ]] || goal=2
  capture sas-10000 "$packets" --size 64 --sas 10000
  check_espdump sas-10000 "$packets"
  once() {
    sample quiet-sas-1 "$packets" with_espdump gcm-64 -q
    sample quiet-sas-10000 "$packets" with_espdump sas-10000 -q
  }
  repeat once
  ratio=$(compute "$(each quiet-sas-10000) / $(each quiet-sas-1)")
  row "\`-q\`, 64 B, 10,000 SAs against 1" "at most $goal times" "$(tenths "$ratio") times" "$ratio <= $goal"
  ratio=$(peak quiet-sas-10000)
  row "peak memory with 10,000 SAs" "at most $((most_memory + 40)) MiB" "$(tenths "$ratio") MiB" \
    "$ratio <= $most_memory + 40"
  rm -r "$work/sas-10000"
}

memory() {
  local small large bound=$most_memory
  capture long $((packets * 10)) --size 64
  sample quiet-long $((packets * 10)) with_espdump long -q
  small=$(peak quiet-64) large=$(peak quiet-long)
  # With fewer the IVs are still being gathered.
  ((packets < 1000000)) || bound=$(compute "$small * 1.02 + 0.5")
  row "peak memory at $packets and $((packets * 10)) packets" "at most $most_memory MiB, the same" \
    "$(tenths "$small") and $(tenths "$large") MiB" "$large <= $most_memory && $large <= $bound"
  rm -r "$work/long"
}

# --- the run ----------------------------------------------------------------------------------------------------

for size in 64 1400; do
  capture "gcm-$size" "$packets" --size "$size"
  check_espdump "gcm-$size" "$packets"
  beside_the_cipher "$size"
done
many_sas
memory
if "$espdump" --help | grep -q -- ' -j'; then
  for size in 64 1400; do two_threads "$size"; done
else
  skipped "two threads against one" "at most 0.6 of the time" "this espdump has no -j"
fi
if [[ $backend == openssl ]]; then at_64=35 at_1400=15; else at_64=100 at_1400=35; fi
if has tshark; then
  beside_tshark 64 $at_64
  beside_tshark 1400 $at_1400
  many_sas_beside_tshark
  json_beside_tshark
else
  skipped "all against tshark" "-" "tshark is not installed"
fi
if has tcpdump; then beside_tcpdump; else skipped "against \`tcpdump -E\`" "-" "tcpdump is not installed"; fi

model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -1)
echo "$(date -u +%Y-%m-%d), $(nproc) processors (${model:-unknown}), load $(cut -d' ' -f1 /proc/loadavg) at the end;"
echo "$("$espdump" --version | head -1), $backend; medians of $runs runs, $packets packets."
if has tshark; then tshark --version 2>/dev/null | head -1; fi
printf '\n| what | goal | measured | met |\n|---|---|---|---|\n'
cat "$work/table"
printf '\n| run | packets | CPU, s | ns a packet | wall, s | peak, MiB |\n|---|---|---|---|---|---|\n'
for file in "$work"/*.times; do
  name=$(basename "$file" .times)
  count=${packets_of[$name]:-0}
  ((count > 1)) || continue
  printf '| %s | %s | %.2f | %.0f | %.2f | %.1f |\n' "$name" "$count" "$(compute "$(cpu "$name") / 1000000")" \
    "$(each "$name")" "$(compute "$(wall "$name") / 1000000")" "$(peak "$name")"
done
