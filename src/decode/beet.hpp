#pragma once
#include <espdump/address.hpp>
#include <espdump/result.hpp>
namespace espdump {
struct OuterFacts { bool v4 = true; std::uint8_t tos = 0, ttl = 0; std::uint16_t id = 0, flags_and_offset = 0; std::uint32_t flow_label = 0; };
Result<std::size_t> rebuild_beet_packet(Family selector_family, const IpAddress& source, const IpAddress& destination, const OuterFacts&, std::uint8_t next_header, Bytes payload, MutableBytes out);
}
