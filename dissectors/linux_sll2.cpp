// Linux cooked capture version 2, LINKTYPE_LINUX_SLL2 (276).
#include <espdump/dissector.hpp>
#include <espdump/wire/linux_cooked.hpp>
#include <espdump/wire/names.hpp>

#include <algorithm>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |           Protocol            |           Reserved            | 0
// |                       Interface index                         | 4
// |     Device type (ARPHRD)      |  Packet type  |Address length | 8
// |                      Address, 8 bytes                         | 12
constexpr std::size_t interface_offset = 4;
constexpr std::size_t device_type_offset = 8;
constexpr std::size_t packet_type_offset = 10;
constexpr std::size_t address_length_offset = 11;
constexpr std::size_t address_offset = 12;
constexpr std::size_t size = 20;

constexpr Claim claims[] = {{Space::link_type, 276}};

Step dissect(ByteReader& in, Context&) {
  const std::uint16_t protocol = in.u16();
  in.skip(device_type_offset - 2);
  const std::uint16_t device_type = in.u16();
  in.skip(size - packet_type_offset);
  if (!in.ok() || wire::is_leftover_of_vlan_tag(protocol, in.rest())) return Step::end();
  return wire::names_ether_type(device_type, protocol) ? Step::to({Space::ether_type, protocol}) : Step::end();
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < size) return;
  const std::uint16_t protocol = read_u16(header, 0);
  const std::uint8_t packet_type = header[packet_type_offset];
  const std::size_t address_size = std::min<std::size_t>(header[address_length_offset], 8);
  out.hex("protocol", {0, 2}, protocol, 4, wire::ether_type_name(protocol));
  out.number("interface", {interface_offset, 4}, read_u32(header, interface_offset));
  out.number("device_type", {device_type_offset, 2}, read_u16(header, device_type_offset));
  out.number("packet_type", {packet_type_offset, 1}, packet_type, wire::cooked_packet_type_name(packet_type));
  out.number("address_length", {address_length_offset, 1}, header[address_length_offset]);
  out.text("source", {address_offset, address_size},
           wire::hardware_address(header.subspan(address_offset, address_size)));
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < size) return;
  const std::uint16_t protocol = read_u16(layer.header, 0);
  if (wire::is_leftover_of_vlan_tag(protocol, layer.payload)) {
    out += "Linux cooked, leftover of a VLAN tag before the packet";
    return;
  }
  append(out, "Linux cooked, protocol 0x{:04x}", protocol);
}

}  // namespace

extern constexpr Dissector linux_sll2{{"sll2", "Linux cooked capture v2"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
