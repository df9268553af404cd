// Versions of the program and of the libraries it runs with.
#include "cli/version.hpp"

#include <openssl/crypto.h>
#include <pcap/pcap.h>
#include <sodium.h>

#include <fmt/format.h>
#include <CLI/Version.hpp>

#include "crypto/gcrypt.hpp"
#include "version.inc"

namespace espdump::cli {

std::string version_text() {
  const std::string gcrypt = gcrypt::version().empty() ? "no libgcrypt" : "libgcrypt " + gcrypt::version();
  return fmt::format("espdump {} (commit {})\n{}\n{}\nlibsodium {}\n{}\nfmt {}.{}.{}, CLI11 {}\n", ESPDUMP_VERSION,
                     ESPDUMP_COMMIT, pcap_lib_version(), OpenSSL_version(OPENSSL_VERSION), sodium_version_string(),
                     gcrypt, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100, CLI11_VERSION);
}

}  // namespace espdump::cli
