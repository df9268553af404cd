#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim port_4500{Space::udp_port, 4500};
}

TEST_CASE("esp_in_udp: a first word that is not zero is an SPI") {
  const auto it = dissect_hex("c1234567 0000002a aabbcc", port_4500);
  CHECK(it.names() == "udpencap esp");
  CHECK(it.layer("udpencap").header.empty());
  CHECK(it.end.kind == Step::Kind::sealed);
}

TEST_CASE("esp_in_udp: four zero bytes stand before IKE") {
  const auto it = dissect_hex("00000000 1111111111111111 0000000000000000 00202208 00000000 0000001c", port_4500);
  CHECK(it.names() == "udpencap ikev2");
  CHECK(it.field("udpencap", "non_esp_marker") == "0x00000000 @0+4");
  CHECK(it.brief("udpencap") == "UDP encapsulation");
}

TEST_CASE("esp_in_udp: one byte 0xff is a keepalive") {
  const auto it = dissect_hex("ff", port_4500);
  CHECK(it.brief("udpencap") == "NAT-T keepalive");
  CHECK(it.field("udpencap", "keepalive") == "0xff @0+1");
  CHECK(it.findings().empty());
}

TEST_CASE("esp_in_udp: one other byte, or two of 0xff, are a shortfall") {
  CHECK(dissect_hex("fe", port_4500).packet.findings().size() == 1);
  CHECK(dissect_hex("ffff", port_4500).packet.findings().size() == 1);
  CHECK(dissect_hex("ff", port_4500, 100).packet.findings()[0].info == &codes::capture_truncated);
}
