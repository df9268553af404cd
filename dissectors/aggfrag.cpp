// The AGGFRAG payload of ESP, RFC 9347 section 6.1. The data blocks are the decoder's business: some span packets.
#include <espdump/dissector.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |   Sub-type    | Reserved  |P|E|          BlockOffset          | 0
// |                         LossEventRate                         | 4    sub-type 1 only, from here
// |                    RTT                    |    Echo Delay     | 8
// |      Echo Delay     |             Transmit Delay              | 12
// |                             TVal                              | 16
// |                             TEcho                             | 20
constexpr std::size_t sub_type_offset = 0, flags_offset = 1, block_offset_offset = 2, loss_offset = 4,
                      delays_offset = 8, tval_offset = 16, techo_offset = 20;
constexpr std::size_t plain_size = 4, congestion_size = 24;
constexpr std::uint8_t congestion = 1;

constexpr Claim claims[] = {{Space::ip_protocol, 144}};

Step dissect(ByteReader& in, Context& context) {
  const std::uint8_t sub_type = in.u8();
  if (sub_type > congestion) {
    context.malformed(sub_type_offset, fmt::format("sub-type is {}, not 0 or 1", sub_type));
    return Step::end();
  }
  in.skip((sub_type == congestion ? congestion_size : plain_size) - 1);
  return Step::partial();
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < plain_size) return;
  out.number("sub_type", {sub_type_offset, 1}, header[sub_type_offset],
             header[sub_type_offset] == congestion ? "with congestion control" : "without congestion control");
  if (header.size() >= congestion_size) {
    out.flag("path_mtu_probe", {flags_offset, 1}, (header[flags_offset] & 0x02) != 0);
    out.flag("ecn", {flags_offset, 1}, (header[flags_offset] & 0x01) != 0);
  }
  out.number("block_offset", {block_offset_offset, 2}, read_u16(header, block_offset_offset));
  if (header.size() < congestion_size) return;
  const std::uint64_t delays = read_u64(header, delays_offset);
  constexpr std::uint64_t delay_mask = (1U << 21) - 1;
  out.number("loss_event_rate", {loss_offset, 4}, read_u32(header, loss_offset));
  out.number("rtt", {delays_offset, 3}, delays >> 42, "microseconds");
  out.number("echo_delay", {delays_offset + 2, 4}, delays >> 21 & delay_mask, "microseconds");
  out.number("transmit_delay", {delays_offset + 5, 3}, delays & delay_mask, "microseconds");
  out.number("tval", {tval_offset, 4}, read_u32(header, tval_offset));
  out.number("techo", {techo_offset, 4}, read_u32(header, techo_offset));
}

void brief(const Layer& layer, std::string& out) {
  out += "AGGFRAG";
  if (layer.header.size() < plain_size) return;
  append(out, " block offset {}", read_u16(layer.header, block_offset_offset));
}

}  // namespace

extern constexpr Dissector aggfrag{
    {"aggfrag", "Aggregation and Fragmentation"}, claims, dissect, describe, brief, &codes::esp_malformed};
}  // namespace espdump::dissectors
