// Twofish with keys of 192 bits in CBC mode (no RFC; as Linux uses it), for builds with nettle.
#include "crypto/nettle.hpp"

#include <fmt/core.h>
#include <nettle/cbc.h>
#include <nettle/nettle-meta.h>
#include <nettle/twofish.h>
#include <nettle/version.h>
#include <sodium.h>

#include <algorithm>
#include <array>

namespace espdump::nettle {

void Close::operator()(twofish_ctx* context) const noexcept {
  sodium_memzero(context, sizeof *context);
  delete context;
}

Result<CipherContext> keyed_cbc(const AlgorithmInfo& info, Bytes key) {
  if (info.primitive != Primitive::twofish_cbc || key.size() != TWOFISH192_KEY_SIZE)
    return fail(fmt::format("{} with keys of {} bits is not available: nettle is asked for Twofish with 192 bits only",
                            info.label, key.size() * 8));
  CipherContext context{new twofish_ctx};
  nettle_twofish192.set_decrypt_key(context.get(), key.data());
  return context;
}

bool decrypt(const twofish_ctx* context, Bytes iv, Bytes in, MutableBytes out) noexcept {
  std::array<std::uint8_t, TWOFISH_BLOCK_SIZE> chain{};  // the IV, then each block of ciphertext
  if (iv.size() != chain.size() || in.size() % chain.size() != 0 || out.size() != in.size()) return false;
  std::copy(iv.begin(), iv.end(), chain.begin());
  cbc_decrypt(context, nettle_twofish192.decrypt, chain.size(), chain.data(), in.size(), out.data(), in.data());
  return true;
}

std::string version() { return fmt::format("{}.{}", nettle_version_major(), nettle_version_minor()); }

}  // namespace espdump::nettle
