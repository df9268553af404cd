// Hashes that every packet needs: of all its bytes, and of a few of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <espdump/address.hpp>

namespace espdump {

// 64 bits by which the bytes of a packet are known again; another secret in every process, so that a capture cannot be
// made to have two packets with one hash. XXH3: at 1400 bytes 20 times as fast as keyed_hash(), which stays the
// hash of most tables of addresses.
std::uint64_t packet_hash(Bytes bytes) noexcept;

// packet_hash() of two short parts, of which the border counts.
std::uint64_t short_hash(Bytes first, Bytes second) noexcept;
// keyed_hash() of two addresses and a few bytes more, for tables.
std::uint64_t hosts_hash(const IpAddress& source, const IpAddress& destination, Bytes rest) noexcept;

// packet_hash() for tables by numbers or texts that strangers choose: std::unordered_map<Key, Value, SecretHash>.
struct SecretHash {
  std::size_t operator()(std::uint64_t number) const noexcept;
  std::size_t operator()(std::string_view text) const noexcept;
};

}  // namespace espdump
