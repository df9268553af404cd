// IPv6 routing header, RFC 8200 section 4.4.
#include <espdump/dissector.hpp>
#include <espdump/wire/ipv6_extension.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Ipv6Extension;

constexpr std::size_t type_offset = 2;
constexpr std::size_t segments_offset = 3;
constexpr std::size_t data_offset = 4;

constexpr Claim claims[] = {{Space::ip_protocol, 43}};

Step dissect(ByteReader& in, Context&) {
  const std::uint8_t next = in.u8();
  const std::size_t length = (std::size_t{in.u8()} + 1) * 8;
  in.skip(length - Ipv6Extension::content_offset);
  return in.ok() ? Step::to({Space::ip_protocol, next}) : Step::end();
}

std::string_view type_name(std::uint8_t type) {
  switch (type) {
    case 0: return "source route, deprecated by RFC 5095";
    case 2: return "mobile IPv6, RFC 6275";
    case 3: return "RPL, RFC 6554";
    case 4: return "segment routing, RFC 8754";
    default: return {};
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const auto header = Ipv6Extension::from(layer.header);
  if (!header) return;
  const std::uint8_t type = layer.header[type_offset];
  out.number("next_header", {Ipv6Extension::next_header_offset, 1}, header->next_header(),
             wire::ip_protocol_name(header->next_header()));
  out.number("length", {Ipv6Extension::length_offset, 1}, header->length());
  out.number("routing_type", {type_offset, 1}, type, type_name(type));
  out.number("segments_left", {segments_offset, 1}, layer.header[segments_offset]);
  out.bytes("data", {data_offset, header->length() - data_offset}, layer.header.subspan(data_offset));
}

void brief(const Layer& layer, std::string& out) {
  if (!Ipv6Extension::from(layer.header)) return;
  append(out, "IPv6 routing type {} segments left {}", layer.header[type_offset], layer.header[segments_offset]);
}

}  // namespace

extern constexpr Dissector ipv6_routing{{"ipv6_routing", "IPv6 routing"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
