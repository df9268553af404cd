// Host Identity Protocol, RFC 7401 section 5.1. The parameters behind the 40 fixed bytes stay unread.
#include <espdump/dissector.hpp>
#include <espdump/wire/names.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

// +---------------------------------------------------------------+
// |  Next Header  | Header Length |0| Packet Type |Version| RES.|1| 0
// |           Checksum            |           Controls            | 4
// |               Sender's Host Identity Tag (HIT)                | 8
// |              Receiver's Host Identity Tag (HIT)               | 24
constexpr std::size_t next_header_offset = 0;
constexpr std::size_t length_offset = 1;
constexpr std::size_t type_offset = 2;
constexpr std::size_t version_offset = 3;
constexpr std::size_t checksum_offset = 4;
constexpr std::size_t controls_offset = 6;
constexpr std::size_t sender_offset = 8;
constexpr std::size_t receiver_offset = 24;
constexpr std::size_t fixed_size = 40;
constexpr std::size_t hit_size = 16;
constexpr std::uint8_t nothing_follows = 59;

constexpr Claim claims[] = {{Space::ip_protocol, 139}};

Step dissect(ByteReader& in, Context& context) {
  const std::uint8_t next = in.u8();
  const std::size_t length = (std::size_t{in.u8()} + 1) * 8;
  const std::uint8_t type = in.u8(), version = in.u8();
  in.skip(fixed_size - checksum_offset);
  if (!in.ok()) return Step::end();
  if (length < fixed_size) {
    context.malformed(length_offset, fmt::format("length is {}, less than the header's 40", length));
    return Step::end();
  }
  if ((type & 0x80) != 0 || (version & 0x01) == 0) context.malformed(type_offset, "a fixed bit is wrong");
  in.skip(length - fixed_size);
  return next != nothing_follows ? Step::to({Space::ip_protocol, next}) : Step::end();
}

std::string_view type_name(std::uint8_t type) {
  switch (type) {
    case 1: return "I1";
    case 2: return "R1";
    case 3: return "I2";
    case 4: return "R2";
    case 16: return "UPDATE";
    case 17: return "NOTIFY";
    case 18: return "CLOSE";
    case 19: return "CLOSE_ACK";
    case 20: return "HDRR";
    case 32: return "HIP_DATA";
    default: return {};
  }
}

std::uint8_t type_of(Bytes header) { return header[type_offset] & 0x7f; }

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < fixed_size) return;
  out.number("next_header", {next_header_offset, 1}, header[next_header_offset],
             wire::ip_protocol_name(header[next_header_offset]));
  out.number("length", {length_offset, 1}, (std::size_t{header[length_offset]} + 1) * 8);
  out.number("type", {type_offset, 1}, type_of(header), type_name(type_of(header)));
  out.number("version", {version_offset, 1}, header[version_offset] >> 4);
  out.hex("checksum", {checksum_offset, 2}, read_u16(header, checksum_offset), 4);
  out.hex("controls", {controls_offset, 2}, read_u16(header, controls_offset), 4);
  out.address("sender_hit", {sender_offset, hit_size}, IpAddress{header.subspan(sender_offset, hit_size)});
  out.address("receiver_hit", {receiver_offset, hit_size}, IpAddress{header.subspan(receiver_offset, hit_size)});
  out.bytes("parameters", {fixed_size, header.size() - fixed_size}, header.subspan(fixed_size));
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < fixed_size) return;
  const std::uint8_t type = type_of(layer.header);
  if (const std::string_view name = type_name(type); !name.empty())
    append(out, "HIP {}", name);
  else
    append(out, "HIP type {}", type);
}

}  // namespace

extern constexpr Dissector hip{{"hip", "Host Identity Protocol"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
