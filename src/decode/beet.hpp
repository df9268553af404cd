// The inner packet of BEET mode, rebuilt from selector, outer header and payload as a Linux receiver does it.
// A pure function: nothing of it was on the wire in this form.
#pragma once

#include <espdump/address.hpp>
#include <espdump/result.hpp>

namespace espdump {

// What the rebuilt header takes from the outer one, as received.
struct OuterFacts {
  bool v4 = true;
  std::uint8_t tos = 0;                // or traffic class
  std::uint8_t ttl = 0;                // or hop limit
  std::uint16_t id = 0;                // IPv4 only
  std::uint16_t flags_and_offset = 0;  // IPv4 only
  std::uint32_t flow_label = 0;        // IPv6 only
};

// The facts of an IP header with at least its fixed part; nothing where it is none.
std::optional<OuterFacts> outer_facts(Bytes ip_header);

// The most a rebuilt packet is longer than its payload.
inline constexpr std::size_t beet_growth = 60;

// Builds the inner packet at the start of `out`, which has room for the payload and beet_growth, and returns its size.
// `next_header` and `payload` are what stood in ESP. The addresses are the selector's, of `selector_family`.
// Error: a pseudo header (protocol 94) that cannot be, no selector family, a packet beyond 65535 bytes.
Result<std::size_t> rebuild_beet_packet(Family selector_family, const IpAddress& source, const IpAddress& destination,
                                        const OuterFacts& outer, std::uint8_t next_header, Bytes payload,
                                        MutableBytes out);

}  // namespace espdump
