// What stands in for nettle.cpp in builds without nettle.
#include "crypto/nettle.hpp"

#include <fmt/core.h>

namespace espdump::nettle {

void Close::operator()(twofish_ctx*) const noexcept {}

Result<CipherContext> keyed_cbc(const AlgorithmInfo& info, Bytes key) {
  return fail(
      fmt::format("{} with keys of {} bits is not available: this build has no nettle; build espdump again with "
                  "nettle-dev installed",
                  info.label, key.size() * 8));
}

bool decrypt(const twofish_ctx*, Bytes, Bytes, MutableBytes) noexcept { return false; }

std::string version() { return {}; }

}  // namespace espdump::nettle
