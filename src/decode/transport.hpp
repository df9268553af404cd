#pragma once
#include <espdump/bytes.hpp>
namespace espdump {
std::size_t rebuild_transport_packet(Bytes outer_headers, std::size_t next_header_offset, std::uint8_t next_header, Bytes payload, MutableBytes out);
}
