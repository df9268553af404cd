// XXH3 under a secret of the process for what packets hold, SipHash for tables of hosts.
#include "base/packet_hash.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>

#include "base/process_secret.hpp"

namespace espdump {
namespace {

// Both parts in one run, behind the size of the first; empty where they are too long for it.
constexpr std::size_t border = 2;
using Joined = std::array<std::uint8_t, 96>;
Bytes join(Bytes first, Bytes second, Joined& room) {
  if (border + first.size() + second.size() > room.size()) return {};
  write_u16(room, 0, static_cast<std::uint16_t>(first.size()));
  const auto behind = std::copy(first.begin(), first.end(), room.begin() + border);
  std::copy(second.begin(), second.end(), behind);
  return Bytes{room}.first(border + first.size() + second.size());
}

}  // namespace

std::uint64_t packet_hash(Bytes bytes) noexcept {
  static const ProcessSecret<XXH3_SECRET_DEFAULT_SIZE> secret;
  return XXH3_64bits_withSecret(bytes.data(), bytes.size(), secret.bytes.data(), secret.bytes.size());
}

std::uint64_t short_hash(Bytes first, Bytes second) noexcept {
  Joined room;
  const Bytes both = join(first, second, room);
  return both.empty() ? keyed_hash(first, second) : packet_hash(both);
}

std::uint64_t hosts_hash(const IpAddress& source, const IpAddress& destination, Bytes rest) noexcept {
  std::array<std::uint8_t, 32> addresses{};
  std::copy(source.bytes().begin(), source.bytes().end(), addresses.begin());
  std::copy(destination.bytes().begin(), destination.bytes().end(), addresses.begin() + 16);
  Joined room;
  const Bytes both = join(addresses, rest, room);
  return both.empty() ? keyed_hash(addresses, rest) : keyed_hash(both);
}

std::size_t SecretHash::operator()(std::uint64_t number) const noexcept {
  std::array<std::uint8_t, 8> bytes{};
  write_u32(bytes, 0, static_cast<std::uint32_t>(number >> 32));
  write_u32(bytes, 4, static_cast<std::uint32_t>(number));
  return static_cast<std::size_t>(packet_hash(bytes));
}

std::size_t SecretHash::operator()(std::string_view text) const noexcept {
  return static_cast<std::size_t>(packet_hash({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
}

}  // namespace espdump
