// IP Payload Compression, RFC 3173 section 3. The decoder inflates what follows.
#include <espdump/dissector.hpp>
#include <espdump/wire/names.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

// +---------------------------------------------------------------+
// |  Next Header  |     Flags     | Compression Parameter Index   | 0
constexpr std::size_t flags_offset = 1;
constexpr std::size_t cpi_offset = 2;
constexpr std::size_t size = 4;

constexpr Claim claims[] = {{Space::ip_protocol, 108}};

Step dissect(ByteReader& in, Context&) {
  in.skip(size);
  return Step::sealed();
}

std::string_view cpi_name(std::uint16_t cpi) {
  switch (cpi) {
    case 1: return "OUI";
    case 2: return "DEFLATE";
    case 3: return "LZS, which cannot be decompressed here";
    case 4: return "LZJH, which cannot be decompressed here";
    default: return {};
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < size) return;
  out.number("next_header", {0, 1}, header[0], wire::ip_protocol_name(header[0]));
  out.hex("flags", {flags_offset, 1}, header[flags_offset], 2);
  const std::uint16_t cpi = read_u16(header, cpi_offset);
  out.hex("cpi", {cpi_offset, 2}, cpi, 4, cpi_name(cpi));
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < size) return;
  const std::uint16_t cpi = read_u16(layer.header, cpi_offset);
  const std::string_view name = cpi_name(cpi);
  append(out, "IPComp cpi 0x{:04x}{}{}", cpi, name.empty() ? "" : " ", name);
}

}  // namespace

extern constexpr Dissector ipcomp{{"ipcomp", "IP Payload Compression"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
