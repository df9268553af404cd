// TCP encapsulation of ESP and IKE, RFC 9329 section 3: a length, then ESP, or four zero bytes and an IKE message.
// The decoder puts the stream in order and hands over one message at a time.
#include <espdump/dissector.hpp>

#include <fmt/core.h>

namespace espdump::dissectors {
namespace {

constexpr std::size_t length_size = 2, marker_size = 4, prefix_size = 6;
constexpr std::uint8_t keepalive = 0xff;

constexpr Claim claims[] = {{Space::internal, internal_claim::tcp_message},
                            {Space::internal, internal_claim::tcp_prefix}};

Step dissect(ByteReader& in, Context& context) {
  if (context.reached_by().value == internal_claim::tcp_prefix) {
    in.skip(prefix_size);
    return Step::end();
  }
  in.skip(length_size);
  ByteReader ahead = in;
  if (in.claimed_remaining() == 1 && ahead.u8() == keepalive) {
    in.skip(1);
    return Step::end();
  }
  if (in.claimed_remaining() < marker_size) {
    context.malformed(0, fmt::format("a message of {} bytes holds neither ESP nor IKE", in.claimed_remaining()));
    return Step::end();
  }
  ahead = in;
  if (ahead.u32() != 0) return Step::to({Space::internal, internal_claim::esp});
  in.skip(marker_size);
  return Step::to({Space::internal, internal_claim::ikev2});
}

// A length that begins so would have a payload.
bool is_prefix(const Layer& layer) {
  return layer.header.size() == prefix_size && layer.payload_claimed == 0 && layer.header[0] == 'I';
}

void describe(const Layer& layer, FieldSink& out) {
  const Bytes header = layer.header;
  if (is_prefix(layer)) {
    out.text("prefix", {0, prefix_size}, "IKETCP");
    return;
  }
  if (header.size() < length_size) return;
  out.number("length", {0, length_size}, read_u16(header, 0));
  if (header.size() == length_size + 1) out.hex("keepalive", {length_size, 1}, header[length_size], 2);
  if (header.size() == length_size + marker_size) out.hex("non_esp_marker", {length_size, marker_size}, 0, 8);
}

void brief(const Layer& layer, std::string& out) {
  if (layer.header.size() == length_size + 1)
    out += "TCP encapsulation keepalive";
  else
    out += is_prefix(layer) ? "TCP encapsulation begins" : "TCP encapsulation";
}

}  // namespace

extern constexpr Dissector esp_in_tcp{
    {"espintcp", "TCP encapsulation of ESP and IKE"}, claims, dissect, describe, brief, &codes::esp_malformed};
}  // namespace espdump::dissectors
