#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim message{Space::internal, internal_claim::tcp_message};
constexpr Claim prefix{Space::internal, internal_claim::tcp_prefix};
}  // namespace

TEST_CASE("esp in tcp: a message that begins with an SPI is ESP") {
  const auto it = dissect_hex("000e 12345678 00000001 aabbccdd", message);
  CHECK(it.names() == "espintcp esp");
  CHECK(it.field("espintcp", "length") == "14 @0+2");
  CHECK(it.layer("esp").payload.size() == 4);
  CHECK(it.end.kind == Step::Kind::sealed);
}

TEST_CASE("esp in tcp: four zero bytes stand before IKE") {
  const auto it = dissect_hex("0022 00000000 1111111111111111 2222222222222222 00 20 25 08 00000001 0000001c", message);
  CHECK(it.names() == "espintcp ikev2");
  CHECK(it.field("espintcp", "non_esp_marker") == "0x00000000 @2+4");
  CHECK(it.findings().empty());
}

TEST_CASE("esp in tcp: a keepalive and the prefix") {
  const auto keepalive = dissect_hex("0003 ff", message);
  CHECK(keepalive.names() == "espintcp");
  CHECK(keepalive.field("espintcp", "keepalive") == "0xff @2+1");
  CHECK(keepalive.brief("espintcp") == "TCP encapsulation keepalive");
  const auto begin = dissect_hex("494b45544350", prefix);
  CHECK(begin.field("espintcp", "prefix") == "IKETCP @0+6");
  CHECK(begin.brief("espintcp") == "TCP encapsulation begins");
}

TEST_CASE("esp in tcp: too little for ESP or IKE is malformed ESP") {
  CHECK(dissect_hex("0005 aabbcc", message).findings() ==
        "esp.malformed: TCP encapsulation of ESP and IKE at byte 0: a message of 3 bytes holds neither ESP nor IKE");
  CHECK(dissect_hex("0002", message).layer("espintcp").malformed);
  CHECK(dissect_hex("0003 fe", message).layer("espintcp").malformed);
  CHECK(dissect_hex("0006 00000000", message).findings().find("ike.malformed: IKE") == 0);
}

TEST_CASE("esp in tcp: a message cut short tells of the cut") {
  CHECK(dissect_hex("0050 1234", message, 80).findings().find("capture.truncated") == 0);
}
