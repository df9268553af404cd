// Authentication Header, RFC 4302 section 2. It is not verified here.
#include <espdump/dissector.hpp>
#include <espdump/wire/ah.hpp>
#include <espdump/wire/names.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Ah;

constexpr Claim claims[] = {{Space::ip_protocol, 51}};

Step dissect(ByteReader& in, Context& context) {
  in.skip(Ah::min_size);
  if (!in.ok()) return Step::end();
  const std::uint8_t length_field = in.consumed()[Ah::length_offset];
  const std::size_t length = (std::size_t{length_field} + 2) * 4;
  if (length < Ah::min_size) {
    context.malformed(Ah::length_offset, fmt::format("length is {}, less than 12", length));
    return Step::end();
  }
  in.skip(length - Ah::min_size);
  if (!in.ok()) return Step::end();
  const auto ah = Ah::over(in.consumed());
  if (ah.spi() == 0) context.malformed(Ah::spi_offset, "SPI 0 is never sent");
  return Step::to({Space::ip_protocol, ah.next_header()});
}

void describe(const Layer& layer, FieldSink& out) {
  const auto ah = Ah::from(layer.header);
  if (!ah) return;
  out.number("next_header", {Ah::next_header_offset, 1}, ah->next_header(), wire::ip_protocol_name(ah->next_header()));
  out.number("length", {Ah::length_offset, 1}, ah->length());
  out.hex("spi", {Ah::spi_offset, 4}, ah->spi(), 8);
  out.number("seq", {Ah::sequence_offset, 4}, ah->sequence());
  out.bytes("icv", {Ah::icv_offset, ah->icv().size()}, ah->icv());
}

void brief(const Layer& layer, std::string& out) {
  const auto ah = Ah::from(layer.header);
  if (!ah) return;
  append(out, "AH spi 0x{:08x} seq {}", ah->spi(), ah->sequence());
}

}  // namespace

extern constexpr Dissector ah{{"ah", "Authentication Header"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
