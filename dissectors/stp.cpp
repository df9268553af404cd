// Spanning tree BPDUs, IEEE 802.1D section 9.3: configuration, topology change, and the rapid form.
#include <espdump/dissector.hpp>
#include <espdump/wire/names.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

constexpr std::size_t version_offset = 2, type_offset = 3, flags_offset = 4, root_offset = 5, cost_offset = 13,
                      bridge_offset = 17, port_offset = 25;
constexpr std::size_t change_size = 4, configuration_size = 35;
constexpr std::uint8_t configuration = 0x00, rapid = 0x02, topology_change = 0x80;

constexpr Claim claims[] = {{Space::internal, internal_claim::spanning_tree}};

Step dissect(ByteReader& in, Context& context) {
  const std::uint16_t protocol = in.u16();
  in.skip(1);
  const std::uint8_t type = in.u8();
  if (protocol != 0)
    context.malformed(0, fmt::format("protocol is {}, not 0", protocol));
  else if (type != configuration && type != rapid && type != topology_change)
    context.malformed(type_offset, fmt::format("type is 0x{:02x}, not that of a BPDU", type));
  else if (type != topology_change)
    in.skip(configuration_size - change_size);
  return Step::end();
}

std::string_view type_name(std::uint8_t type) {
  return type == topology_change ? "topology change" : type == rapid ? "rapid" : "configuration";
}

// Two bytes of priority, then a hardware address.
std::string bridge(Bytes header, std::size_t offset) {
  return fmt::format("{}/{}", read_u16(header, offset), wire::hardware_address(header.subspan(offset + 2, 6)));
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < change_size) return;
  out.number("version", {version_offset, 1}, header[version_offset]);
  out.hex("type", {type_offset, 1}, header[type_offset], 2, type_name(header[type_offset]));
  if (header.size() < configuration_size) return;
  out.hex("flags", {flags_offset, 1}, header[flags_offset], 2);
  out.text("root", {root_offset, 8}, bridge(header, root_offset));
  out.number("root_path_cost", {cost_offset, 4}, read_u32(header, cost_offset));
  out.text("bridge", {bridge_offset, 8}, bridge(header, bridge_offset));
  out.hex("port", {port_offset, 2}, read_u16(header, port_offset), 4);
}

void brief(const Layer& layer, std::string& out) {
  const Bytes header = layer.header;
  if (header.size() < change_size) return;
  append(out, "STP {}", type_name(header[type_offset]));
  if (header.size() < configuration_size) return;
  append(out, " root {} cost {}", bridge(header, root_offset), read_u32(header, cost_offset));
}

}  // namespace

extern constexpr Dissector stp{{"stp", "Spanning Tree Protocol"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
