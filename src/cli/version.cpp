// Versions of the program and of the libraries it runs with.
#include "cli/version.hpp"

#include <openssl/crypto.h>
#include <pcap/pcap.h>
#include <sodium.h>

#include <fmt/format.h>
#include <CLI/Version.hpp>

#include "capture/decompress.hpp"
#include "crypto/gcrypt.hpp"
#include "version.inc"

namespace espdump::cli {

namespace {

// Of compressed captures: "gzip, zstd".
std::string unpacked_kinds() {
  std::string out;
  std::string_view latest;
  for (const capture::Compression& compression : capture::all_compressions()) {
    if (compression.name == latest || compression.make() == nullptr) continue;
    latest = compression.name;
    out += (out.empty() ? "" : ", ") + std::string{latest};
  }
  return out;
}

}  // namespace

std::string version_text() {
  const std::string gcrypt = gcrypt::version().empty() ? "no libgcrypt" : "libgcrypt " + gcrypt::version();
  return fmt::format("espdump {} (commit {})\n{}\n{}\nlibsodium {}\n{}\nfmt {}.{}.{}, CLI11 {}\nunpacks {}\n",
                     ESPDUMP_VERSION, ESPDUMP_COMMIT, pcap_lib_version(), OpenSSL_version(OPENSSL_VERSION),
                     sodium_version_string(), gcrypt, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
                     CLI11_VERSION, unpacked_kinds());
}

}  // namespace espdump::cli
