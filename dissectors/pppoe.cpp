// PPP over Ethernet, RFC 2516 section 4: discovery, and sessions that carry PPP.
#include <espdump/dissector.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

// +---------------------------------------------------------------+
// |Version|  Type |      Code     |          Session ID           | 0
// |            Length             |                                 4
constexpr std::size_t code_offset = 1;
constexpr std::size_t session_offset = 2;
constexpr std::size_t length_offset = 4;
constexpr std::size_t size = 6;
constexpr std::uint32_t discovery = 0x8863, session = 0x8864;

constexpr Claim claims[] = {{Space::ether_type, discovery}, {Space::ether_type, session}};

Step dissect(ByteReader& in, Context& context) {
  const std::uint8_t version_and_type = in.u8();
  in.skip(length_offset - code_offset);
  const std::uint16_t length = in.u16();
  if (!in.ok()) return Step::end();
  if (version_and_type != 0x11) {
    context.malformed(0, fmt::format("version and type are 0x{:02x}, not 0x11", version_and_type));
    return Step::end();
  }
  in.limit(length);
  const bool carries = context.reached_by().value == session && length != 0;
  return carries ? Step::to({Space::link_type, 9}) : Step::end();
}

std::string_view code_name(std::uint8_t code) {
  switch (code) {
    case 0x00: return "session";
    case 0x07: return "PADO";
    case 0x09: return "PADI";
    case 0x19: return "PADR";
    case 0x65: return "PADS";
    case 0xa7: return "PADT";
    default: return {};
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (header.size() < size) return;
  out.number("version", {0, 1}, header[0] >> 4);
  out.number("type", {0, 1}, header[0] % 16);
  out.hex("code", {code_offset, 1}, header[code_offset], 2, code_name(header[code_offset]));
  out.hex("session_id", {session_offset, 2}, read_u16(header, session_offset), 4);
  out.number("length", {length_offset, 2}, read_u16(header, length_offset));
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() < size) return;
  append(out, "PPPoE {} 0x{:04x}", code_name(layer.header[code_offset]), read_u16(layer.header, session_offset));
}

}  // namespace

extern constexpr Dissector pppoe{{"pppoe", "PPP over Ethernet"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
