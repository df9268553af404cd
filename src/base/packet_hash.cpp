// XXH3 with a random secret of its own for whole packets; SipHash of both parts in one run for short ones.
#include "base/packet_hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "base/process_secret.hpp"

namespace espdump {
std::uint64_t packet_hash(Bytes bytes) noexcept {
  static const ProcessSecret<XXH3_SECRET_DEFAULT_SIZE> secret;
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

std::uint64_t hosts_hash(const IpAddress& source, const IpAddress& destination, Bytes rest) noexcept {
  std::array<std::uint8_t, 32> addresses{};
  std::copy(source.bytes().begin(), source.bytes().end(), addresses.begin());
  std::copy(destination.bytes().begin(), destination.bytes().end(), addresses.begin() + 16);
  return short_hash(addresses, rest);
}

}  // namespace espdump
