// IP packets known again behind routers (RFC 1812 section 5.3, RFC 8200 section 3, RFC 6040).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <espdump/bytes.hpp>

namespace espdump {

// The fixed part of an IP header with zeros for what routers change: TTL or hop limit, DSCP, ECN, and the checksum of
// IPv4.
struct RoutedHeader {
  std::array<std::uint8_t, 40> bytes{};
  std::size_t size = 0;
};

// Nothing where the packet is too short for one, or neither IPv4 nor IPv6.
std::optional<RoutedHeader> routed_header(Bytes packet);
// Of the header and all that follows its fixed part; never 0.
std::uint64_t routed_hash(const RoutedHeader& header, Bytes rest);

}  // namespace espdump
