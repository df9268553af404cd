// The packet of transport mode without its ESP: the outer header, then what ESP carried.
#pragma once

#include <optional>

#include <espdump/bytes.hpp>

namespace espdump {

// Builds it at the start of `out`, which has room for both inputs, and returns its size. `outer_headers` is the IP
// header with any IPv6 extension headers, up to the ESP header (or the UDP or TCP header around that);
// `next_header_offset` is where in it ESP is named. Lengths, checksum and, after reassembly, fragment fields are put
// right; the checksum of the upper layer is left alone. Nothing where the headers are none, or the packet too long.
std::optional<std::size_t> rebuild_transport_packet(Bytes outer_headers, std::size_t next_header_offset,
                                                    std::uint8_t next_header, Bytes payload, MutableBytes out);

}  // namespace espdump
