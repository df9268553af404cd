// UDP encapsulation of ESP, RFC 3948 section 2: a keepalive, an IKE message behind a non-ESP marker, or ESP.
#include <espdump/dissector.hpp>

namespace espdump::dissectors {
namespace {

constexpr std::uint8_t keepalive = 0xff;
constexpr std::size_t marker_size = 4;

constexpr Claim claims[] = {{Space::udp_port, 4500}};

Step dissect(ByteReader& in, Context&) {
  ByteReader ahead = in;
  if (in.claimed_remaining() == 1 && ahead.u8() == keepalive) {
    in.skip(1);
    return Step::end();
  }
  ahead = in;
  if (ahead.u32() != 0) return Step::to({Space::internal, internal_claim::esp});  // the header is that of ESP itself
  in.skip(marker_size);
  return Step::to({Space::internal, internal_claim::ikev2});
}

void describe(const Layer& layer, FieldSink& out) {
  if (layer.header.size() == 1) out.hex("keepalive", {0, 1}, layer.header[0], 2);
  if (layer.header.size() == marker_size) out.hex("non_esp_marker", {0, marker_size}, 0, 8);
}

void brief(const Layer& layer, std::string& out) {
  out += layer.header.size() == 1 ? "NAT-T keepalive" : "UDP encapsulation";
}

}  // namespace

extern constexpr Dissector esp_in_udp{{"udpencap", "UDP encapsulation of ESP"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
