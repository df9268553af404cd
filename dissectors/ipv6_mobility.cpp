// Mobility header, RFC 6275 section 6.1.1.
#include <espdump/dissector.hpp>
#include <espdump/wire/ipv6_extension.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Ipv6Extension;

// +---------------------------------------------------------------+
// | Payload Proto |  Header Len   |    MH Type    |   Reserved    | 0
// |           Checksum            |         Message Data          | 4
constexpr std::size_t type_offset = 2;
constexpr std::size_t checksum_offset = 4;
constexpr std::size_t data_offset = 6;
constexpr std::uint8_t nothing_follows = 59;

constexpr Claim claims[] = {{Space::ip_protocol, 135}};

Step dissect(ByteReader& in, Context&) {
  const std::uint8_t next = in.u8();
  const std::size_t length = (std::size_t{in.u8()} + 1) * 8;
  in.skip(length - Ipv6Extension::content_offset);
  return in.ok() && next != nothing_follows ? Step::to({Space::ip_protocol, next}) : Step::end();
}

// IANA "Mobility Header Types".
std::string_view type_name(std::uint8_t type) {
  switch (type) {
    case 0: return "binding refresh request";
    case 1: return "home test init";
    case 2: return "care-of test init";
    case 3: return "home test";
    case 4: return "care-of test";
    case 5: return "binding update";
    case 6: return "binding acknowledgement";
    case 7: return "binding error";
    case 8: return "fast binding update";
    case 9: return "fast binding acknowledgement";
    case 10: return "fast neighbor advertisement";
    case 11: return "experimental";
    case 12: return "home agent switch";
    case 13: return "heartbeat";
    case 14: return "handover initiate";
    case 15: return "handover acknowledge";
    case 16: return "binding revocation";
    case 17: return "localized routing initiation";
    case 18: return "localized routing acknowledgement";
    case 19: return "update notification";
    case 20: return "update notification acknowledgement";
    case 21: return "flow binding";
    case 22: return "subscription query";
    case 23: return "subscription response";
    default: return {};
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const auto header = Ipv6Extension::from(layer.header);
  if (!header) return;
  out.number("next_header", {Ipv6Extension::next_header_offset, 1}, header->next_header(),
             wire::ip_protocol_name(header->next_header()));
  out.number("length", {Ipv6Extension::length_offset, 1}, header->length());
  out.number("type", {type_offset, 1}, layer.header[type_offset], type_name(layer.header[type_offset]));
  out.hex("checksum", {checksum_offset, 2}, read_u16(layer.header, checksum_offset), 4);
  out.bytes("data", {data_offset, header->length() - data_offset}, layer.header.subspan(data_offset));
}

void brief(const Layer& layer, std::string& out) {
  if (!Ipv6Extension::from(layer.header)) return;
  const std::uint8_t type = layer.header[type_offset];
  if (const std::string_view name = type_name(type); !name.empty())
    append(out, "mobility {}", name);
  else
    append(out, "mobility type {}", type);
}

}  // namespace

extern constexpr Dissector ipv6_mobility{{"ipv6_mobility", "IPv6 mobility"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
