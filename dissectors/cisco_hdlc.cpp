// Cisco HDLC, LINKTYPE_C_HDLC (104): address, control, and an ether type.
#include <espdump/dissector.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

constexpr std::size_t type_offset = 2;
constexpr std::size_t size = 4;

constexpr Claim claims[] = {{Space::link_type, 104}};

Step dissect(ByteReader& in, Context&) {
  in.skip(type_offset);
  const std::uint16_t type = in.u16();
  return in.ok() ? Step::to({Space::ether_type, type}) : Step::end();
}

void describe(const Layer& layer, FieldSink& out) {
  if (layer.header.size() < size) return;
  const std::uint8_t address = layer.header[0];
  out.hex("address", {0, 1}, address, 2, address == 0x0f ? "unicast" : address == 0x8f ? "multicast" : "");
  out.hex("control", {1, 1}, layer.header[1], 2);
  const std::uint16_t type = read_u16(layer.header, type_offset);
  out.hex("type", {type_offset, 2}, type, 4, wire::ether_type_name(type));
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < size) return;
  append(out, "Cisco HDLC type 0x{:04x}", read_u16(layer.header, type_offset));
}

}  // namespace

extern constexpr Dissector cisco_hdlc{{"chdlc", "Cisco HDLC"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
