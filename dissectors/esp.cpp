// Encapsulating Security Payload, RFC 4303 section 2. The body stays sealed here.
#include <espdump/dissector.hpp>
#include <espdump/wire/esp.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Esp;

constexpr Claim claims[] = {{Space::ip_protocol, 50}, {Space::internal, internal_claim::esp}};

Step dissect(ByteReader& in, Context& context) {
  if (in.u32() == 0) context.malformed(Esp::spi_offset, "SPI 0 is never sent");
  in.skip(4);  // sequence number
  return Step::sealed();
}

void describe(const Layer& layer, FieldSink& out) {
  const auto esp = Esp::from(layer.header);
  if (!esp) return;
  out.hex("spi", {Esp::spi_offset, 4}, esp->spi(), 8);
  out.number("seq", {Esp::sequence_offset, 4}, esp->sequence());
}

void brief(const Layer& layer, std::string& out) {
  const auto esp = Esp::from(layer.header);
  if (!esp) return;
  append(out, "ESP spi 0x{:08x} seq {}", esp->spi(), esp->sequence());
}

}  // namespace

extern constexpr Dissector esp{
    {"esp", "Encapsulating Security Payload"}, claims, dissect, describe, brief, &codes::esp_malformed};
}  // namespace espdump::dissectors
