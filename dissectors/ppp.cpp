// Point-to-Point Protocol, RFC 1661 section 2; HDLC-like framing: RFC 1662 section 3.1. Also with a Cisco HDLC frame in
// it.
#include <espdump/dissector.hpp>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

constexpr std::uint32_t link_serial = 50;
constexpr std::uint8_t address = 0xff, control = 0x03;

constexpr Claim claims[] = {{Space::link_type, 9}, {Space::link_type, link_serial}};

// Address and control may be left out (compression), and so may the protocol's first byte if that is zero:
// the last byte of a protocol number is odd, the first one never.
struct Parts {
  std::size_t framing = 0;
  std::size_t protocol = 0;
  [[nodiscard]] std::size_t size() const { return framing + protocol; }
};

Parts parts_of(Bytes bytes) {
  Parts parts;
  if (bytes.size() >= 2 && bytes[0] == address && bytes[1] == control) parts.framing = 2;
  const bool compressed = bytes.size() > parts.framing && bytes[parts.framing] % 2 == 1;
  parts.protocol = compressed ? 1 : 2;
  return parts;
}

std::uint16_t protocol_of(Bytes header, Parts parts) {
  return parts.protocol == 1 ? header[parts.framing] : read_u16(header, parts.framing);
}

bool is_cisco(Bytes bytes) { return !bytes.empty() && (bytes[0] == 0x0f || bytes[0] == 0x8f); }

Step dissect(ByteReader& in, Context& context) {
  if (context.reached_by().value == link_serial && is_cisco(in.rest())) return Step::to({Space::link_type, 104});
  const Parts parts = parts_of(in.rest());
  in.skip(parts.size());
  if (!in.ok()) return Step::end();
  return Step::to({Space::ppp_protocol, protocol_of(in.consumed(), parts)});
}

std::string_view protocol_name(std::uint16_t protocol) {
  switch (protocol) {
    case 0x0021: return "IPv4";
    case 0x0057: return "IPv6";
    case 0x8021: return "IPCP";
    case 0x8057: return "IPV6CP";
    case 0xc021: return "LCP";
    case 0xc023: return "PAP";
    case 0xc223: return "CHAP";
    default: return {};
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const Parts parts = parts_of(layer.header);
  if (layer.header.size() < parts.size()) return;
  if (parts.framing != 0) {
    out.hex("address", {0, 1}, address, 2);
    out.hex("control", {1, 1}, control, 2);
  }
  const std::uint16_t protocol = protocol_of(layer.header, parts);
  out.hex("protocol", {parts.framing, parts.protocol}, protocol, 4, protocol_name(protocol));
}

void brief(const Layer& layer, std::string& out) {
  out += "PPP";
  const Parts parts = parts_of(layer.header);
  if (layer.header.size() < parts.size()) return;
  const std::uint16_t protocol = protocol_of(layer.header, parts);
  const std::string_view name = protocol_name(protocol);
  if (name.empty())
    append(out, " protocol 0x{:04x}", protocol);
  else
    append(out, " {}", name);
}

}  // namespace

extern constexpr Dissector ppp{{"ppp", "Point-to-Point Protocol"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
