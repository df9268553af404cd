// XXH3 with a random secret of its own for whole packets; SipHash of both parts in one run for short ones.
#include "base/packet_hash.hpp"

#define XXH_INLINE_ALL
#include <sodium.h>
#include <xxhash.h>

#include <algorithm>
#include <array>

#include <espdump/assert.hpp>

namespace espdump {
namespace {

struct Secret192 {
  std::array<std::uint8_t, XXH3_SECRET_DEFAULT_SIZE> bytes;
  Secret192() noexcept {
    if (sodium_init() < 0) assertion_failed("sodium_init", __FILE__, __LINE__);
    randombytes_buf(bytes.data(), bytes.size());
  }
};

}  // namespace

std::uint64_t packet_hash(Bytes bytes) noexcept {
  static const Secret192 secret;
  return XXH3_64bits_withSecret(bytes.data(), bytes.size(), secret.bytes.data(), secret.bytes.size());
}

std::uint64_t short_hash(Bytes first, Bytes second) noexcept {
  std::array<std::uint8_t, 96> both{};
  constexpr std::size_t border = 2;
  if (border + first.size() + second.size() > both.size()) return keyed_hash(first, second);
  write_u16(both, 0, static_cast<std::uint16_t>(first.size()));
  const auto behind = std::copy(first.begin(), first.end(), both.begin() + border);
  std::copy(second.begin(), second.end(), behind);
  return keyed_hash(Bytes{both}.first(border + first.size() + second.size()));
}

}  // namespace espdump
