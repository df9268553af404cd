// Generic Network Virtualization Encapsulation, RFC 8926 section 3.4.
#include <espdump/dissector.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |Ver|  Opt Len  |O|C|    Rsvd.  |          Protocol Type        | 0
// |        Virtual Network Identifier (VNI)       |    Reserved   | 4
// |                  Options, Opt Len * 4 bytes                   | 8
constexpr std::size_t flags_offset = 1, type_offset = 2, vni_offset = 4, options_offset = 8;

constexpr Claim claims[] = {{Space::udp_port, 6081}};

std::uint32_t vni_of(Bytes header) { return read_u32(header, vni_offset) >> 8; }

Step dissect(ByteReader& in, Context&) {
  ByteReader ahead = in;
  const std::uint8_t first = ahead.u8();
  if (in.claimed_remaining() < options_offset || first >> 6 != 0) return Step::decline();
  in.skip(options_offset + std::size_t{first} * 4);
  if (!in.ok()) return Step::end();
  return Step::to({Space::ether_type, read_u16(in.consumed(), type_offset)});
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < options_offset) return;
  out.number("version", {0, 1}, header[0] >> 6);
  out.number("options_length", {0, 1}, std::uint64_t{header[0]} % 64 * 4);
  out.flag("control", {flags_offset, 1}, (header[flags_offset] & 0x80) != 0);
  out.flag("critical_options", {flags_offset, 1}, (header[flags_offset] & 0x40) != 0);
  const std::uint16_t type = read_u16(header, type_offset);
  out.hex("type", {type_offset, 2}, type, 4, wire::ether_type_name(type));
  out.number("vni", {vni_offset, 3}, vni_of(header));
  if (header.size() > options_offset)
    out.bytes("options", {options_offset, header.size() - options_offset}, header.subspan(options_offset));
}

void brief(const Layer& layer, std::string& out) {
  out += "Geneve";
  if (layer.header.size() >= options_offset) append(out, " vni {}", vni_of(layer.header));
}

}  // namespace

extern constexpr Dissector geneve{{"geneve", "Geneve"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
