// VLAN tags, IEEE 802.1Q clause 9.6: customer, service and the old double tag.
#include <espdump/dissector.hpp>
#include <espdump/wire/ethernet.hpp>
#include <espdump/wire/linux_cooked.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

// +---------------------------------------------------------------+
// | PCP |D|         VLAN ID       |        Type or length         | 0
constexpr std::size_t type_offset = 2;
constexpr std::size_t size = 4;

constexpr Claim claims[] = {{Space::ether_type, 0x8100}, {Space::ether_type, 0x88a8}, {Space::ether_type, 0x9100}};

Step dissect(ByteReader& in, Context&) {
  in.skip(type_offset);
  const std::uint16_t type = in.u16();
  if (!in.ok() || wire::is_leftover_of_vlan_tag(type, in.rest())) return Step::end();
  if (type >= wire::Ethernet::smallest_type) return Step::to({Space::ether_type, type});
  if (type > wire::Ethernet::largest_length) return Step::end();
  in.limit(type);
  const Bytes llc = in.rest();
  return llc.empty() ? Step::end() : Step::to({Space::llc_sap, llc[0]});
}

void describe(const Layer& layer, FieldSink& out) {
  if (layer.header.size() < size) return;
  const std::uint16_t tag = read_u16(layer.header, 0);
  const std::uint16_t type = read_u16(layer.header, type_offset);
  out.number("priority", {0, 2}, tag >> 13);
  out.flag("drop_eligible", {0, 2}, (tag & 0x1000) != 0);
  out.number("vlan_id", {0, 2}, tag & 0xfff);
  if (type > wire::Ethernet::largest_length)
    out.hex("type", {type_offset, 2}, type, 4, wire::ether_type_name(type));
  else
    out.number("length", {type_offset, 2}, type);
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < size) return;
  append(out, "VLAN {}", read_u16(layer.header, 0) & 0xfff);
}

}  // namespace

extern constexpr Dissector vlan{{"vlan", "VLAN tag"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
