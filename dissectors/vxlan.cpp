// Virtual eXtensible LAN, RFC 7348 section 5: an Ethernet frame in UDP.
#include <espdump/dissector.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |R|R|R|R|I|R|R|R|                   Reserved                    | 0
// |                VXLAN Network Identifier       |   Reserved    | 4
constexpr std::size_t flags_offset = 0, vni_offset = 4, size = 8;
constexpr std::uint32_t usual_flags = 0x08000000;  // the identifier is valid
constexpr std::uint32_t transparent_ethernet = 0x6558;

// The second is what Linux took before a port was assigned.
constexpr Claim claims[] = {{Space::udp_port, 4789}, {Space::udp_port, 8472}};

std::uint32_t vni_of(Bytes header) { return read_u32(header, vni_offset) >> 8; }

Step dissect(ByteReader& in, Context&) {
  ByteReader ahead = in;
  const bool is_vxlan = in.claimed_remaining() >= size && ahead.u32() == usual_flags;
  if (!is_vxlan && ahead.ok()) return Step::decline();
  in.skip(size);
  return Step::to({Space::ether_type, transparent_ethernet});
}

void describe(const Layer& layer, FieldSink& out) {
  if (layer.header.size() < size) return;
  out.hex("flags", {flags_offset, 1}, layer.header[flags_offset], 2);
  out.number("vni", {vni_offset, 3}, vni_of(layer.header));
}

void brief(const Layer& layer, std::string& out) {
  out += "VXLAN";
  if (layer.header.size() >= size) append(out, " vni {}", vni_of(layer.header));
}

}  // namespace

extern constexpr Dissector vxlan{{"vxlan", "VXLAN"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
