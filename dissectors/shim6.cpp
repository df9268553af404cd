// Level 3 multihoming shim for IPv6, RFC 5533 sections 5.1 and 5.2.
#include <espdump/dissector.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

// +---------------------------------------------------------------+
// |  Next Header  |  Hdr Ext Len  |P|    Type     |               | 0   P = 0: control message
// |           Checksum            |                               | 4
// |  Next Header  |       0       |P|                             | 0   P = 1: payload extension header
// |                    Receiver Context Tag                       | 4
constexpr std::size_t next_header_offset = 0;
constexpr std::size_t length_offset = 1;
constexpr std::size_t type_offset = 2;
constexpr std::size_t checksum_offset = 4;
constexpr std::size_t data_offset = 6;
constexpr std::size_t min_size = 8;
constexpr std::uint8_t payload_bit = 0x80;
constexpr std::uint8_t nothing_follows = 59;
constexpr std::uint64_t tag_mask = 0x7fff'ffff'ffff;

constexpr Claim claims[] = {{Space::ip_protocol, 140}};

bool is_payload(std::uint8_t type_field) { return (type_field & payload_bit) != 0; }

Step dissect(ByteReader& in, Context&) {
  const std::uint8_t next = in.u8(), length_field = in.u8(), type_field = in.u8();
  // The payload extension header has its fixed size whatever the length field says.
  const std::size_t length = is_payload(type_field) ? min_size : (std::size_t{length_field} + 1) * 8;
  in.skip(length - 3);
  return in.ok() && next != nothing_follows ? Step::to({Space::ip_protocol, next}) : Step::end();
}

std::string_view control_name(std::uint8_t type) {
  switch (type) {
    case 1: return "I1";
    case 2: return "R1";
    case 3: return "I2";
    case 4: return "R2";
    case 5: return "R1bis";
    case 6: return "I2bis";
    case 64: return "update request";
    case 65: return "update acknowledgement";
    case 66: return "keepalive";
    case 67: return "probe";
    case 68: return "error";
    default: return {};
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < min_size) return;
  out.number("next_header", {next_header_offset, 1}, header[next_header_offset],
             wire::ip_protocol_name(header[next_header_offset]));
  out.number("length", {length_offset, 1}, header.size());
  const std::uint8_t type = header[type_offset];
  out.flag("payload", {type_offset, 1}, is_payload(type));
  if (is_payload(type)) {
    out.hex("context_tag", {type_offset, 6}, read_u64(header, 0) & tag_mask, 12);
    return;
  }
  out.number("type", {type_offset, 1}, type, control_name(type));
  out.hex("checksum", {checksum_offset, 2}, read_u16(header, checksum_offset), 4);
  out.bytes("data", {data_offset, header.size() - data_offset}, header.subspan(data_offset));
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < min_size) return;
  const std::uint8_t type = layer.header[type_offset];
  if (is_payload(type))
    append(out, "shim6 payload, context {:012x}", read_u64(layer.header, 0) & tag_mask);
  else if (const std::string_view name = control_name(type); !name.empty())
    append(out, "shim6 {}", name);
  else
    append(out, "shim6 type {}", type);
}

}  // namespace

extern constexpr Dissector shim6{{"shim6", "Shim6"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
