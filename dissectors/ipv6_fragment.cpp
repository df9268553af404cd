// IPv6 fragment header, RFC 8200 section 4.5. Fragments go to the decoder, atomic ones (RFC 6946) are whole.
#include <espdump/dissector.hpp>
#include <espdump/wire/ipv6_fragment.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Ipv6Fragment;

constexpr Claim claims[] = {{Space::ip_protocol, 44}};

Step dissect(ByteReader& in, Context&) {
  in.skip(Ipv6Fragment::size);
  if (!in.ok()) return Step::end();
  const auto fragment = Ipv6Fragment::over(in.consumed());
  return fragment.is_atomic() ? Step::to({Space::ip_protocol, fragment.next_header()}) : Step::partial();
}

void describe(const Layer& layer, FieldSink& out) {
  const auto fragment = Ipv6Fragment::from(layer.header);
  if (!fragment) return;
  out.number("next_header", {Ipv6Fragment::next_header_offset, 1}, fragment->next_header(),
             wire::ip_protocol_name(fragment->next_header()));
  out.number("offset", {Ipv6Fragment::offset_offset, 2}, fragment->offset());
  out.flag("more", {Ipv6Fragment::offset_offset + 1, 1}, fragment->more());
  out.hex("id", {Ipv6Fragment::id_offset, 4}, fragment->id(), 8);
}

void brief(const Layer& layer, std::string& out) {
  const auto fragment = Ipv6Fragment::from(layer.header);
  if (!fragment) return;
  append(out, "IPv6 fragment offset {}", fragment->offset());
}

}  // namespace

extern constexpr Dissector ipv6_fragment{{"ipv6_fragment", "IPv6 fragment"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
