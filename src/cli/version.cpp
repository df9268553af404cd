// Versions of the program and of the libraries it runs with.
#include "cli/version.hpp"

#include <openssl/crypto.h>
#include <pcap/pcap.h>
#include <sodium.h>

#include <fmt/core.h>
#include <CLI/Version.hpp>

#include "capture/decompress.hpp"
#include "crypto/gcrypt.hpp"
#include "crypto/ipsec_mb.hpp"
#include "crypto/nettle.hpp"
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

// "libgcrypt 1.10.1"; of one that the build is without: "no libgcrypt".
std::string optional_library(const std::string& name, const std::string& version) {
  return version.empty() ? "no " + name : name + " " + version;
}

}  // namespace

std::string version_number() { return ESPDUMP_VERSION; }

std::string program_text() { return fmt::format("espdump {} (commit {})", ESPDUMP_VERSION, ESPDUMP_COMMIT); }

std::string version_text() {
  return fmt::format("{}\n{}\n{}\nlibsodium {}\n{}\n{}\n{}\nfmt {}.{}.{}, CLI11 {}\nunpacks {}\n", program_text(),
                     pcap_lib_version(), OpenSSL_version(OPENSSL_VERSION), sodium_version_string(),
                     optional_library("libgcrypt", gcrypt::version()), optional_library("nettle", nettle::version()),
                     optional_library("libipsec-mb", ipsec_mb::version()), FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                     FMT_VERSION % 100, CLI11_VERSION, unpacked_kinds());
}

}  // namespace espdump::cli
