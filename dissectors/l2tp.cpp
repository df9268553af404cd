// Layer Two Tunneling Protocol: version 2, RFC 2661 section 3.1, which carries PPP, and version 3 over UDP and IP,
// RFC 3931 section 4.1, whose data cannot be read without knowing the session.
#include <espdump/dissector.hpp>

#include <fmt/core.h>

#include <optional>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |T|L|x|x|S|x|O|P|x|x|x|x|  Ver  |          Length (L)           | 0
// |           Tunnel ID           |           Session ID          |      version 3: one ID of 32 bits
// |             Ns (S)            |             Nr (S)            |
// |      Offset Size (O)          |          Offset pad ...       |
constexpr std::uint16_t control = 0x8000, has_length = 0x4000, has_sequence = 0x0800, has_offset = 0x0200;
constexpr std::size_t flags_size = 2, length_size = 2, ids_size = 4, sequence_size = 4, offset_size = 2;
constexpr std::uint32_t over_ip = 115, over_udp = 1701;
constexpr std::uint32_t ppp = 9;  // LINKTYPE_PPP

constexpr Claim claims[] = {{Space::udp_port, over_udp}, {Space::ip_protocol, over_ip}};

// Where the fields of a header stand.
struct Shape {
  std::size_t session_word = 0;  // of version 3 over IP, which stands before the flags
  std::uint16_t flags = 0;
  [[nodiscard]] int version() const { return flags % 16; }
  [[nodiscard]] bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
  [[nodiscard]] std::size_t length_offset() const { return session_word + flags_size; }
  // Data of version 3 has 16 reserved bits instead.
  [[nodiscard]] std::size_t ids_offset() const {
    return length_offset() + (has(has_length) || version() == 3 ? length_size : 0);
  }
  [[nodiscard]] std::size_t sequence_offset() const { return ids_offset() + ids_size; }
  [[nodiscard]] std::size_t offset_offset() const {
    return sequence_offset() + (has(has_sequence) ? sequence_size : 0);
  }
  [[nodiscard]] std::size_t size() const {
    return offset_offset() + (has(has_offset) && version() == 2 ? offset_size : 0);
  }
};

Step dissect_over_ip(ByteReader& in, Context& context, Shape& shape) {
  if (in.u32() != 0) return Step::end();  // a session's data
  shape.session_word = 4;
  ByteReader ahead = in;
  shape.flags = ahead.u16();
  const bool is_control = shape.version() == 3 && shape.has(control);
  if (ahead.ok() && !is_control)
    context.malformed(shape.session_word,
                      fmt::format("flags are 0x{:04x}: no control message of version 3", shape.flags));
  in.skip(is_control ? shape.size() - shape.session_word : flags_size);
  return Step::end();
}

Step dissect(ByteReader& in, Context& context) {
  Shape shape;
  if (context.reached_by().space == Space::ip_protocol) return dissect_over_ip(in, context, shape);
  ByteReader ahead = in;
  shape.flags = ahead.u16();
  if (ahead.ok() && shape.version() != 2 && shape.version() != 3) return Step::decline();
  in.skip(shape.size());
  if (!in.ok()) return Step::end();
  const Bytes header = in.consumed();
  if (shape.has(has_length)) {
    const std::uint16_t length = read_u16(header, shape.length_offset());
    if (length < shape.size()) {
      context.malformed(shape.length_offset(),
                        fmt::format("length is {}, less than the header's {}", length, shape.size()));
      return Step::end();
    }
    in.limit(length - shape.size());
  }
  if (shape.version() == 3 || shape.has(control)) return Step::end();
  if (shape.has(has_offset)) in.skip(read_u16(header, shape.offset_offset()));
  return in.claimed_remaining() == 0 ? Step::end() : Step::to({Space::link_type, ppp});
}

// The shape of a header that was read whole; nothing for the data of version 3 over IP.
std::optional<Shape> shape_of(const Layer& layer) {
  Shape shape;
  if (layer.header.size() == 4 && read_u32(layer.header, 0) != 0) return std::nullopt;
  if (layer.header.size() >= 4 && read_u32(layer.header, 0) == 0) shape.session_word = 4;
  if (layer.header.size() < shape.session_word + flags_size) return std::nullopt;
  shape.flags = read_u16(layer.header, shape.session_word);
  return layer.header.size() < shape.size() ? std::nullopt : std::optional{shape};
}

// Of a control message: that of its first attribute, RFC 2661 section 4.4.1.
std::string_view message_type(const Layer& layer) {
  constexpr std::size_t value_offset = 6;
  if (layer.payload.size() < value_offset + 2 || read_u32(layer.payload, 2) != 0) return "";
  switch (read_u16(layer.payload, value_offset)) {
    case 1: return "SCCRQ";
    case 2: return "SCCRP";
    case 3: return "SCCCN";
    case 4: return "StopCCN";
    case 6: return "HELLO";
    case 7: return "OCRQ";
    case 8: return "OCRP";
    case 9: return "OCCN";
    case 10: return "ICRQ";
    case 11: return "ICRP";
    case 12: return "ICCN";
    case 14: return "CDN";
    case 15: return "WEN";
    case 16: return "SLI";
    case 20: return "ACK";
    default: return "";
  }
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  const auto shape = shape_of(layer);
  if (!shape) {
    if (header.size() == 4) out.hex("session_id", {0, 4}, read_u32(header, 0), 8);
    return;
  }
  out.hex("flags", {shape->session_word, 2}, shape->flags, 4);
  out.flag("control", {shape->session_word, 1}, shape->has(control));
  out.number("version", {shape->session_word + 1, 1}, static_cast<std::uint64_t>(shape->version()));
  if (shape->has(has_length))
    out.number("length", {shape->length_offset(), 2}, read_u16(header, shape->length_offset()));
  const std::size_t ids = shape->ids_offset();
  if (shape->version() == 3) {
    out.hex(shape->has(control) ? "connection_id" : "session_id", {ids, 4}, read_u32(header, ids), 8);
  } else {
    out.number("tunnel_id", {ids, 2}, read_u16(header, ids));
    out.number("session_id", {ids + 2, 2}, read_u16(header, ids + 2));
  }
  if (!shape->has(has_sequence)) return;
  out.number("ns", {shape->sequence_offset(), 2}, read_u16(header, shape->sequence_offset()));
  out.number("nr", {shape->sequence_offset() + 2, 2}, read_u16(header, shape->sequence_offset() + 2));
}

void brief(const Layer& layer, std::string& out) {
  const auto shape = shape_of(layer);
  out += shape && shape->version() == 2 ? "L2TP" : "L2TPv3";
  if (!shape) {
    if (layer.header.size() == 4) append(out, " session 0x{:08x}", read_u32(layer.header, 0));
    return;
  }
  if (shape->has(control)) {
    const std::string_view type = message_type(layer);
    append(out, " {}", layer.payload_claimed == 0 ? "ZLB" : type.empty() ? "control" : type);
  }
  const std::size_t ids = shape->ids_offset();
  if (shape->version() == 3)
    append(out, " {} 0x{:08x}", shape->has(control) ? "connection" : "session", read_u32(layer.header, ids));
  else
    append(out, " tunnel {} session {}", read_u16(layer.header, ids), read_u16(layer.header, ids + 2));
}

}  // namespace

extern constexpr Dissector l2tp{{"l2tp", "Layer Two Tunneling Protocol"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
