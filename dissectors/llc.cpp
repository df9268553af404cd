// Logical Link Control, IEEE 802.2 section 3, with SNAP, IEEE 802 section 9.2, behind it.
#include <espdump/dissector.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

// +-----------------------------------------------+
// |     DSAP      |     SSAP      |    Control    | 0    two bytes of control unless its last bits are 11
// |      Organization code        |   Protocol    | 3    SNAP only; protocol: two bytes
constexpr std::size_t control_offset = 2, unnumbered_size = 3, numbered_size = 4, snap_size = 5;
constexpr std::uint8_t snap_sap = 0xaa, spanning_tree_sap = 0x42, iso_sap = 0xfe;
constexpr std::uint32_t encapsulated_ethernet = 0x000000;  // organization code: the protocol is an ether type

constexpr Claim claims[] = {{Space::llc_sap, snap_sap}, {Space::llc_sap, spanning_tree_sap}, {Space::llc_sap, iso_sap}};

std::uint32_t organization_of(Bytes header) { return read_u32(header, unnumbered_size) >> 8; }
std::uint16_t protocol_of(Bytes header) { return read_u16(header, unnumbered_size + 3); }

Step dissect(ByteReader& in, Context&) {
  const std::uint8_t destination = in.u8();
  in.skip(1);
  const bool unnumbered = in.u8() % 4 == 3;
  if (!unnumbered) in.skip(numbered_size - unnumbered_size);
  if (!unnumbered || !in.ok() || in.claimed_remaining() == 0) return Step::end();
  if (destination == spanning_tree_sap) return Step::to({Space::internal, internal_claim::spanning_tree});
  if (destination != snap_sap) return Step::end();
  in.skip(snap_size);
  if (!in.ok() || organization_of(in.consumed()) != encapsulated_ethernet) return Step::end();
  return Step::to({Space::ether_type, protocol_of(in.consumed())});
}

std::string_view sap_name(std::uint8_t sap) {
  switch (sap) {
    case snap_sap: return "SNAP";
    case spanning_tree_sap: return "spanning tree";
    case iso_sap: return "ISO network layer";
    default: return {};
  }
}

bool has_snap(Bytes header) { return header.size() == unnumbered_size + snap_size; }

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < unnumbered_size) return;
  out.hex("dsap", {0, 1}, header[0], 2, sap_name(header[0]));
  out.hex("ssap", {1, 1}, header[1], 2, sap_name(header[1]));
  const std::size_t control_size = header[control_offset] % 4 == 3 ? 1 : 2;
  out.bytes("control", {control_offset, control_size}, header.subspan(control_offset, control_size));
  if (!has_snap(header)) return;
  const std::uint32_t organization = organization_of(header);
  out.hex("organization", {unnumbered_size, 3}, organization, 6);
  out.hex("protocol", {unnumbered_size + 3, 2}, protocol_of(header), 4,
          organization == encapsulated_ethernet ? wire::ether_type_name(protocol_of(header)) : "");
}

void brief(const Layer& layer, std::string& out) {
  out += "LLC";
  if (has_snap(layer.header))
    append(out, " SNAP 0x{:06x} 0x{:04x}", organization_of(layer.header), protocol_of(layer.header));
  else if (!layer.header.empty() && !sap_name(layer.header[0]).empty())
    append(out, " {}", sap_name(layer.header[0]));
}

}  // namespace

extern constexpr Dissector llc{{"llc", "Logical Link Control"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
