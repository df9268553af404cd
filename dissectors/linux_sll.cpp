// Linux cooked capture, LINKTYPE_LINUX_SLL (113).
#include <espdump/dissector.hpp>
#include <espdump/wire/linux_cooked.hpp>
#include <espdump/wire/names.hpp>

#include <algorithm>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |         Packet type           |   Device type (ARPHRD)        | 0
// |        Address length         |     Address, 8 bytes          | 4
// |                               |           Protocol            | 12
constexpr std::size_t device_type_offset = 2;
constexpr std::size_t address_length_offset = 4;
constexpr std::size_t address_offset = 6;
constexpr std::size_t protocol_offset = 14;
constexpr std::size_t size = 16;

constexpr Claim claims[] = {{Space::link_type, 113}};

Step dissect(ByteReader& in, Context&) {
  in.skip(device_type_offset);
  const std::uint16_t device_type = in.u16();
  in.skip(protocol_offset - address_length_offset);
  const std::uint16_t protocol = in.u16();
  if (!in.ok() || wire::is_leftover_of_vlan_tag(protocol, in.rest())) return Step::end();
  return wire::names_ether_type(device_type, protocol) ? Step::to({Space::ether_type, protocol}) : Step::end();
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < size) return;
  const std::uint16_t packet_type = read_u16(header, 0);
  const std::uint16_t protocol = read_u16(header, protocol_offset);
  const std::size_t address_length = read_u16(header, address_length_offset);
  const std::size_t address_size = std::min<std::size_t>(address_length, 8);
  out.number("packet_type", {0, 2}, packet_type, wire::cooked_packet_type_name(packet_type));
  out.number("device_type", {device_type_offset, 2}, read_u16(header, device_type_offset));
  out.number("address_length", {address_length_offset, 2}, address_length);
  out.text("source", {address_offset, address_size},
           wire::hardware_address(header.subspan(address_offset, address_size)));
  out.hex("protocol", {protocol_offset, 2}, protocol, 4, wire::ether_type_name(protocol));
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < size) return;
  const std::uint16_t protocol = read_u16(layer.header, protocol_offset);
  if (wire::is_leftover_of_vlan_tag(protocol, layer.payload)) {
    out += "Linux cooked, leftover of a VLAN tag before the packet";
    return;
  }
  append(out, "Linux cooked, protocol 0x{:04x}", protocol);
}

}  // namespace

extern constexpr Dissector linux_sll{{"sll", "Linux cooked capture"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
