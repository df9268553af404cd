// What came out of ESP, AH or IPComp, made into work for the peel loop and into inner packets.
#pragma once

#include <cstdint>

#include <espdump/packet.hpp>
#include <espdump/result.hpp>
#include <espdump/sa.hpp>

#include "decode/ip_layer.hpp"
#include "decode/work.hpp"

namespace espdump {

struct Unwrapped {
  std::uint8_t next_header = 0;
  Bytes payload;
  BufferIndex buffer = 0;  // where it stands
};

// Traffic flow confidentiality padding (RFC 4303 section 2.7): how many bytes stand behind the length of what ESP
// carries.
std::size_t tfc_padding_of(std::uint8_t next_header, Bytes payload);

// Adds to `packet` the inner packet that this is: as it stands where it is one, or else, with `rebuild`, behind the IP
// header around it. Nothing is added where nothing was opened, or something was refused. Returns what is around the
// payload now.
Nesting add_inner_packet(Packet& packet, const Unwrapped& it, const IpLayer& outer, const Nesting& around,
                         bool rebuild);

// Does that, and returns the payload as work.
Work unpack(Packet& packet, const Unwrapped& it, const IpLayer& outer, const Nesting& around, bool rebuild);

// The same for BEET, whose inner packet is always rebuilt. Error: why it cannot be.
Result<Work> unpack_beet(Packet& packet, const SecurityAssociation& sa, std::uint8_t next_header, Bytes payload,
                         const IpLayer& outer, const Nesting& around);

}  // namespace espdump
