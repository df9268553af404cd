#!/usr/bin/env bash
# Holds every #include line against the floors of the architecture: a file may include headers of lower floors
# and of its own place, and each foreign library is let in where it belongs only.   floors.sh [TREE]
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

mapfile -d '' files < <(find include/espdump src dissectors -type f \
  \( -name '*.hpp' -o -name '*.cpp' -o -name '*.h' -o -name '*.inc' \) -print0 2>/dev/null | sort -z)
if ((${#files[@]} == 0)); then
  echo "floors: no sources here" >&2
  exit 1
fi

awk '
function fill(table, text,    words, count, i) {
  count = split(text, words, " ")
  for (i = 1; i < count; i += 2) table[words[i]] = words[i + 1]
}

function complain(text) {
  print FILENAME ":" FNR ": " text
  failed = 1
}

# The place a public header belongs to; empty: none known.
function place_of_header(name) {
  if (name ~ /^wire\//) return "wire"
  sub(/\.hpp$/, "", name)
  return (name in header) ? header[name] : ""
}

function place_of_file(path,    parts) {
  if (path ~ /^dissectors\//) return "dissect"
  if (sub(/^include\/espdump\//, "", path)) return place_of_header(path)
  split(path, parts, "/")
  return (parts[2] in level) ? parts[2] : ""
}

# Of one of our own headers; "foreign" for all others.
function place_of_include(name, quoted,    parts) {
  if (sub(/^espdump\//, "", name)) return place_of_header(name)
  if (!quoted) return "foreign"
  if (name ~ /\.\.\//) return ""
  if (split(name, parts, "/") == 1) return here
  return (parts[1] in level) ? parts[1] : ""
}

function check_own(name, there) {
  if (there == "") complain(name " belongs to no floor known to tests/lint/floors.sh")
  else if (there == here) return
  else if (level[there] > level[here])
    complain(here " (floor " level[here] ") includes " name " of " there " (floor " level[there] ")")
  else if (level[there] == level[here])
    complain(here " includes " name " of its sibling " there)
}

function check_foreign(name,    library) {
  for (library in pattern) {
    if (name !~ pattern[library]) continue
    if (public_header) complain("a public header includes " name)
    if (index(" " allowed[library] " ", " " here " ") || FILENAME ~ excepted[library]) continue
    complain(here " includes " name ", which only " allowed[library] " may")
  }
}

BEGIN {
  fill(level, "base 0 wire 1 packet 2 dissect 3 keys 3 capture 3 crypto 4 decode 5 analysis 6 partial 6 report 7 page 8 run 9 cli 10")
  fill(header, "bytes base result base assert base address base printable base packet packet finding packet codes packet explanation packet " \
    "fields packet crypto crypto ike packet dissector dissect capture capture secret keys sa keys ike_keys keys ike_log keys keystore keys decoder decode pre_decoder decode " \
    "analysis analysis path_facts analysis report report espdump report")
  everywhere = "base wire packet dissect keys capture crypto decode analysis partial report page run cli"
  pattern["fmt"] = "^fmt/";             allowed["fmt"] = everywhere
  pattern["CLI11"] = "^CLI/";           allowed["CLI11"] = "cli"
  pattern["libpcap"] = "^pcap(\\.h$|/)";  allowed["libpcap"] = "capture"
  pattern["libsodium"] = "^sodium(\\.h$|/)"; allowed["libsodium"] = "base keys crypto"
  pattern["compression"] = "^(zstd|zstd_errors|lzma|lz4frame|bzlib)\\.h$"; allowed["compression"] = "capture"
  pattern["xxHash"] = "^xxhash\\.h$";    allowed["xxHash"] = "base"
  pattern["OpenSSL"] = "^openssl/";     allowed["OpenSSL"] = "crypto"
  pattern["libgcrypt"] = "^gcrypt(\\.h$|/)"; allowed["libgcrypt"] = "crypto"
  pattern["nettle"] = "^nettle/";       allowed["nettle"] = "crypto"
  pattern["libipsec-mb"] = "^intel-ipsec-mb\\.h$"; allowed["libipsec-mb"] = "crypto"
  pattern["zlib"] = "^zlib\\.h$";       allowed["zlib"] = "capture decode partial"
  for (library in pattern) excepted[library] = "^$"
  # --version names the versions of them all; certificates are read with the library that knows ASN.1, and whole
  # captures hashed with the one that is fast.
  excepted["libpcap"] = excepted["libsodium"] = "^src/cli/version"
  excepted["OpenSSL"] = "^src/(cli/version|base/(x509|file_digest)\\.cpp$)"
}

FNR == 1 {
  here = place_of_file(FILENAME)
  public_header = FILENAME ~ /^include\//
  if (here == "") complain("belongs to no floor known to tests/lint/floors.sh")
}

/^[ \t]*#[ \t]*include[ \t]*["<]/ && here != "" {
  name = $0
  quoted = name ~ /include[ \t]*"/
  sub(/^[^"<]*["<]/, "", name)
  sub(/[">].*$/, "", name)
  there = place_of_include(name, quoted)
  if (there == "foreign") check_foreign(name)
  else if (FILENAME != "include/espdump/espdump.hpp") check_own(name, there)
}

/reveal\(/ && here != "keys" && here != "crypto" { complain("only keys and crypto may reveal a secret") }

END { exit failed }
' "${files[@]}"
echo "floors: ${#files[@]} files, every include goes down"
