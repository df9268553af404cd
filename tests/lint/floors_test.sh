#!/usr/bin/env bash
# Plants one violation after another in a small tree and expects floors.sh to name each.
set -euo pipefail
floors=$(realpath "$(dirname "$0")/floors.sh")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

plant() {
  mkdir -p "$tree/$(dirname "$1")"
  printf '%s\n' "$2" >>"$tree/$1"
}

good_tree() {
  rm -rf "${tree:?}"/*
  plant include/espdump/bytes.hpp '#include <cstdint>'
  plant include/espdump/packet.hpp '#include <espdump/bytes.hpp>'
  plant include/espdump/wire/esp.hpp '#include <espdump/bytes.hpp>'
  plant include/espdump/espdump.hpp '#include <espdump/report.hpp>'
  plant dissectors/esp.cpp '#include <espdump/dissector.hpp>'
  plant dissectors/esp.cpp '#include <espdump/wire/esp.hpp>'
  plant src/capture/filter.cpp '#include <pcap/pcap.h>'
  plant src/capture/filter.cpp '#include "capture/link_type.hpp"'
  plant src/base/x509.cpp '#include <openssl/x509.h>'
  plant src/crypto/aead.cpp '#include <openssl/evp.h>'
  plant src/crypto/nettle.cpp '#include "crypto/nettle.hpp"'
  plant src/crypto/nettle.cpp '#include <nettle/twofish.h>'
  plant src/crypto/aead.cpp 'use(secret.reveal());'
  plant src/keys/secret.cpp '#include <sodium.h>'
  plant src/decode/decoder.cpp '#include <espdump/capture.hpp>'
  plant src/report/text.cpp '#include <fmt/format.h>'
  plant src/cli/version.cpp '#include <openssl/crypto.h>'
  plant src/cli/version.cpp '#include <pcap/pcap.h>'
  plant src/cli/version.cpp '#include <sodium.h>'
  plant src/cli/version.cpp '#include "version.inc"'
  plant src/cli/main.cpp '#include <CLI/CLI.hpp>'
}

# refuses FILE LINE EXPECTED-MESSAGE
refuses() {
  good_tree
  plant "$1" "$2"
  local said
  if said=$("$floors" "$tree" 2>&1); then
    echo "not noticed: $2 in $1"
  elif [[ $said != *"$1:"*"$3"* ]]; then
    echo "noticed with other words: $2 in $1: $said"
  else
    return 0
  fi
  failures=$((failures + 1))
}

good_tree
if ! "$floors" "$tree"; then
  echo "a good tree is refused"
  failures=1
fi

refuses include/espdump/bytes.hpp '#include <espdump/packet.hpp>' 'base (floor 0) includes espdump/packet.hpp'
refuses include/espdump/wire/esp.hpp '#include <espdump/finding.hpp>' 'wire (floor 1)'
refuses src/packet/packet.cpp '#  include "dissect/chain.hpp"' 'packet (floor 2) includes dissect/chain.hpp'
refuses dissectors/esp.cpp '#include <espdump/keystore.hpp>' 'sibling keys'
refuses dissectors/esp.cpp '#include <espdump/capture.hpp>' 'sibling capture'
refuses src/keys/import.cpp '#include <espdump/dissector.hpp>' 'sibling dissect'
refuses src/capture/reader.cpp '#include "keys/text.hpp"' 'sibling keys'
refuses src/crypto/aead.cpp '#include "decode/session.hpp"' 'of decode (floor 5)'
refuses src/analysis/icv.cpp '#include <espdump/espdump.hpp>' 'of report (floor 7)'
refuses src/report/text.cpp '#include "run/analyze.hpp"' 'of run (floor 9)'
refuses src/run/analyze.cpp '#include "cli/options.hpp"' 'of cli (floor 10)'
refuses src/run/analyze.cpp '#include "../cli/options.hpp"' 'belongs to no floor'
refuses src/run/analyze.cpp '#include <espdump/unheard_of.hpp>' 'belongs to no floor'
refuses src/misc/helper.cpp '' 'belongs to no floor'
refuses include/espdump/unheard_of.hpp '' 'belongs to no floor'
refuses include/espdump/capture.hpp '#include <pcap.h>' 'public header'
refuses include/espdump/capture.hpp '#include <pcap/pcap.h>' 'public header'
refuses include/espdump/report.hpp '#include <fmt/core.h>' 'public header'
refuses include/espdump/secret.hpp '#include <sodium.h>' 'public header'
refuses include/espdump/sa.hpp '#include <openssl/evp.h>' 'public header'
refuses include/espdump/espdump.hpp '#include <CLI/CLI.hpp>' 'public header'
refuses src/keys/secret.cpp '#include <openssl/evp.h>' 'only crypto may'
refuses src/cli/main.cpp '#include <openssl/evp.h>' 'only crypto may'
refuses src/keys/secret.cpp '#include <gcrypt.h>' 'only crypto may'
refuses src/keys/secret.cpp '#include <nettle/twofish.h>' 'only crypto may'
refuses src/base/digest.cpp '#include <openssl/evp.h>' 'only crypto may'
refuses src/base/x509.hpp '#include <openssl/x509.h>' 'only crypto may'
refuses src/decode/decoder.cpp '#include <sodium.h>' 'only base keys crypto may'
refuses src/decode/decoder.cpp '#include <pcap.h>' 'only capture may'
refuses src/run/analyze.cpp '#include <CLI/CLI.hpp>' 'only cli may'
refuses src/decode/decoder.cpp 'auto key = secret.reveal();' 'only keys and crypto'
refuses dissectors/esp.cpp '  sa.key.reveal()' 'only keys and crypto'

rm -rf "${tree:?}"/*
if "$floors" "$tree" >/dev/null 2>&1; then
  echo "an empty tree passes"
  failures=$((failures + 1))
fi

echo "floors_test: $failures failures"
exit $((failures > 0))
