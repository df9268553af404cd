// What a gateway changes, or makes, between SPI and ICV and in IKE messages.
#include <string>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/gateway_frames.hpp"
#include "support/gateway_scene.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText sa{};
const Keystore& keys() {
  static const Keystore store = keystore_from(dump_text(sa));
  return store;
}

// INFORMATIONAL, message n; behind it some bytes that nobody reads.
Octets ike(std::uint8_t n) {
  Octets message(28 + 20, n);
  for (std::size_t i = 0; i < 16; ++i) message[i] = static_cast<std::uint8_t>(i + 1);
  message[16] = 46;
  message[17] = 0x20;
  message[18] = 37;
  message[19] = 0x08;
  for (std::size_t i = 20; i < 28; ++i) message[i] = 0;
  message[23] = n;
  message[27] = 48;
  message[28] = 0;
  message[29] = message[30] = 0;
  message[31] = 20;
  return ethernet_frame(ipv4_packet(sa.source, sa.destination, 17,
                                    udp_datagram(sa.source, sa.destination, 500, 500, message), {.id = n}));
}

}  // namespace

TEST_CASE("gateway changes: a packet that is sealed anew is modified, although its ICV is right") {
  Passage it;
  for (std::uint64_t n = 1; n <= 80; ++n) {
    const auto id = static_cast<std::uint16_t>(n);
    it.in(esp_frame(sa, n, inner_v4(id)));
    it.out(routed(esp_frame(sa, n, n == 30 ? inner_v4(77) : inner_v4(id))));
  }
  const Judged judged = it.judged(keys());
  INFO(described(judged));
  CHECK(codes_of(judged.report) == std::set<std::string>{"gateway.modified"});
  CHECK(frames_of_code(judged, codes::gateway_modified) == FrameNumbers{30});
}

TEST_CASE("gateway changes: a packet with another number is no longer the one that came") {
  Passage it;
  for (std::uint64_t n = 1; n <= 80; ++n) {
    it.in(esp_frame(sa, n));
    it.out(routed(esp_frame(sa, n == 30 ? 20 : n, inner_v4(static_cast<std::uint16_t>(n)))));
  }
  const Judged judged = it.judged(keys());
  INFO(described(judged));
  CHECK(judged.report.verdict == GatewayVerdict::fail);
  CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == FrameNumbers{30});
  CHECK(egress_frames_of_code(judged, codes::gateway_injected) == FrameNumbers{30});
  CHECK(judged.report.violations.size() == 2);
}

TEST_CASE("gateway changes: an IKE message that is altered or lost is told, one that is sent again is not") {
  Passage it;
  FrameNumbers altered, lost;
  std::uint8_t number = 0;
  for (std::uint64_t n = 1; n <= 80; ++n) {
    it.through(esp_frame(sa, n));
    if (n % 10 != 5) continue;
    const Octets frame = ike(++number);
    if (number == 3) {
      Octets changed = routed(frame);
      changed[14 + 20 + 8 + 40] ^= 1;
      altered.push_back(it.in(frame));
      it.out(changed);
    } else if (number == 5) {
      lost.push_back(it.in(frame));
    } else if (number == 7) {
      it.gap = 500'000'000;
      it.through(frame);
      it.through(frame);
      it.gap = 1'000'000;
    } else {
      it.through(frame);
    }
  }
  const Judged judged = it.judged(keys());
  INFO(described(judged));
  CHECK(judged.report.ike_in == 9);
  CHECK(frames_of_code(judged, codes::gateway_modified) == altered);
  CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == lost);
  CHECK(judged.report.violations.size() == 2);
}
