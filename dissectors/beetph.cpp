// BEET pseudo header, draft-nikander-esp-beet-mode section 5. The decoder makes inner IPv4 options of it.
#include <espdump/dissector.hpp>
#include <espdump/wire/beetph.hpp>
#include <espdump/wire/names.hpp>

#include <fmt/core.h>

namespace espdump::dissectors {
namespace {

using wire::Beetph;

constexpr Claim claims[] = {{Space::ip_protocol, 94}};

Step dissect(ByteReader& in, Context& context) {
  in.skip(1);
  const std::size_t length = (std::size_t{in.u8()} + 1) * 8;
  const std::size_t options_offset = Beetph::padding_offset + in.u8();
  in.skip(length - 3);  // the reserved byte is not looked at: Linux leaves anything there
  if (!in.ok()) return Step::end();
  if (options_offset > length) {
    context.malformed(Beetph::pad_length_offset, "the padding is longer than the header");
    return Step::end();
  }
  const auto header = Beetph::over(in.consumed());
  if (!header.options_fit())
    context.malformed(Beetph::length_offset,
                      fmt::format("{} bytes of options do not fit into an IPv4 header", header.options().size()));
  return Step::to({Space::ip_protocol, header.next_header()});
}

void describe(const Layer& layer, FieldSink& out) {
  const auto header = Beetph::from(layer.header);
  if (!header) return;
  out.number("next_header", {Beetph::next_header_offset, 1}, header->next_header(),
             wire::ip_protocol_name(header->next_header()));
  out.number("length", {Beetph::length_offset, 1}, header->length());
  out.number("pad_length", {Beetph::pad_length_offset, 1}, header->pad_length());
  out.bytes("options", {header->options_offset(), header->options().size()}, header->options());
}

void brief(const Layer&, std::string& out) { out += "BEET pseudo header"; }

}  // namespace

extern constexpr Dissector beetph{{"beetph", "BEET pseudo header"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
