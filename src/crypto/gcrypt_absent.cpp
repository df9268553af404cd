// What stands in for gcrypt.cpp in builds without libgcrypt.
#include "crypto/gcrypt.hpp"

#include <fmt/core.h>

namespace espdump::gcrypt {

void Close::operator()(gcry_cipher_handle*) const noexcept {}

Result<CipherContext> keyed_cbc(const AlgorithmInfo& info, Bytes) {
  return fail(
      fmt::format("{} is not available: this build has no libgcrypt; build espdump again with libgcrypt20-dev "
                  "installed",
                  info.label));
}

bool decrypt(gcry_cipher_handle*, Bytes, Bytes, MutableBytes) noexcept { return false; }

void load() noexcept {}

std::string version() { return {}; }

}  // namespace espdump::gcrypt
