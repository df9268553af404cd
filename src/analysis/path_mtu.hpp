// What the analysers of sizes share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <espdump/packet.hpp>
#include <espdump/sa.hpp>

namespace espdump {

// The MTU that an ICMP error tells; 0: a router from before RFC 1191, which does not. Nothing where it tells something
// else.
std::optional<std::uint32_t> mtu_told(const Packet& packet);

// Bytes of the IP packet on the wire that carried it, without options and extension headers.
std::size_t wire_size(const OpenRecord& record);

// "1346 bytes, a TCP MSS of 1306 (IPv4) or 1286 (IPv6)"; empty where the SA, its mode or its algorithms are not known.
std::string what_fits(const SecurityAssociation* sa, std::size_t path_mtu);

}  // namespace espdump
