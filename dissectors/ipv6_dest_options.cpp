// IPv6 destination options header, RFC 8200 section 4.6.
#include <espdump/dissector.hpp>
#include <espdump/wire/ipv6_extension.hpp>
#include <espdump/wire/names.hpp>
#include <espdump/wire/options.hpp>

namespace espdump::dissectors {
namespace {

using wire::Ipv6Extension;

constexpr Claim claims[] = {{Space::ip_protocol, 60}};

Step dissect(ByteReader& in, Context& context) {
  const std::uint8_t next = in.u8();
  const std::size_t length = (std::size_t{in.u8()} + 1) * 8;
  in.skip(length - Ipv6Extension::content_offset);
  if (!in.ok()) return Step::end();
  wire::Options options{Ipv6Extension::over(in.consumed()).content(), wire::Options::Style::ipv6};
  if (!options.all_fit())
    context.malformed(Ipv6Extension::content_offset + options.offset(), "an option does not fit into the header");
  return Step::to({Space::ip_protocol, next});
}

void describe(const Layer& layer, FieldSink& out) {
  const auto header = Ipv6Extension::from(layer.header);
  if (!header) return;
  out.number("next_header", {Ipv6Extension::next_header_offset, 1}, header->next_header(),
             wire::ip_protocol_name(header->next_header()));
  out.number("length", {Ipv6Extension::length_offset, 1}, header->length());
  wire::Options options{header->content(), wire::Options::Style::ipv6};
  while (const auto option = options.next()) {
    if (option->kind <= 1) continue;  // padding
    out.begin("option", {Ipv6Extension::content_offset + option->offset, option->size});
    out.hex("kind", {Ipv6Extension::content_offset + option->offset, 1}, option->kind, 2);
    out.bytes("data", {Ipv6Extension::content_offset + option->offset + 2, option->data.size()}, option->data);
    out.end();
  }
}

void brief(const Layer&, std::string& out) { out += "IPv6 destination options"; }

}  // namespace

extern constexpr Dissector ipv6_dest_options{
    {"ipv6_dest_options", "IPv6 destination options"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
