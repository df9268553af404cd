// Keyed hashing for tables that hold what an attacker chooses.
#include <sodium.h>

#include <espdump/address.hpp>

#include <array>

#include "base/process_secret.hpp"

namespace espdump {
namespace {

using HashKey = ProcessSecret<crypto_shorthash_KEYBYTES>;

const HashKey& hash_key() noexcept {
  static const HashKey key;
  return key;
}

}  // namespace

std::uint64_t keyed_hash(Bytes bytes) noexcept {
  std::array<std::uint8_t, crypto_shorthash_BYTES> out{};
  crypto_shorthash(out.data(), bytes.data(), bytes.size(), hash_key().bytes.data());
  return read_u64(out, 0);
}

std::uint64_t keyed_hash(Bytes first, Bytes second) noexcept {
  std::array<std::uint8_t, 16> halves{};
  const std::uint64_t one = keyed_hash(first), two = keyed_hash(second);
  write_u32(halves, 0, static_cast<std::uint32_t>(one >> 32));
  write_u32(halves, 4, static_cast<std::uint32_t>(one));
  write_u32(halves, 8, static_cast<std::uint32_t>(two >> 32));
  write_u32(halves, 12, static_cast<std::uint32_t>(two));
  return keyed_hash(halves);
}

}  // namespace espdump
