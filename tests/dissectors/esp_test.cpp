#include <espdump/wire/esp.hpp>

#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("esp: SPI and sequence number are named, the body stays sealed") {
  const auto it = dissect_hex("c1234567 0000002a aabbcc", as_protocol(50));
  CHECK(it.names() == "esp");
  CHECK(it.field("esp", "spi") == "0xc1234567 @0+4");
  CHECK(it.field("esp", "seq") == "42 @4+4");
  CHECK(it.brief("esp") == "ESP spi 0xc1234567 seq 42");
  CHECK(it.end.kind == Step::Kind::sealed);
  CHECK(it.layer("esp").payload.size() == 3);
  CHECK(it.packet.find<wire::Esp>()->spi() == 0xc1234567);
}

TEST_CASE("esp: SPI 0 is malformed") {
  const auto it = dissect_hex("00000000 0000002a aabbcc", as_protocol(50));
  CHECK(it.layer("esp").malformed);
  CHECK(it.end.kind == Step::Kind::end);
  CHECK(it.findings() == "esp.malformed: Encapsulating Security Payload at byte 0: SPI 0 is never sent");
}

TEST_CASE("esp: a body may be empty, seven bytes are no header") {
  CHECK(dissect_hex("c1234567 0000002a", as_protocol(50)).end.kind == Step::Kind::sealed);
  CHECK(dissect_hex("c1234567 000000", as_protocol(50)).findings() ==
        "esp.malformed: Encapsulating Security Payload: 4 bytes needed at byte 4, the packet has 3");
}

TEST_CASE("esp: a header that the capture cut is not called malformed") {
  CHECK(dissect_hex("c1234567 000000", as_protocol(50), 60).findings() ==
        "capture.truncated: Encapsulating Security Payload: 4 bytes needed at byte 4, 3 captured");
  CHECK(dissect_hex("000000", as_protocol(50), 60).packet.findings()[0].info == &codes::capture_truncated);
}

TEST_CASE("esp: it is claimed behind UDP encapsulation too") {
  CHECK(ClaimTable{}.find({Space::internal, internal_claim::esp})->name == "esp");
}
