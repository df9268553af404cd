#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ah: all fields are named, the next header leads on") {
  const auto it = dissect_hex("3202 0000 00001000 00000007 aabbccdd 00002000 00000001", as_protocol(51));
  CHECK(it.names() == "ah esp");
  CHECK(it.field("ah", "next_header") == "50 (ESP) @0+1");
  CHECK(it.field("ah", "length") == "16 @1+1");
  CHECK(it.field("ah", "spi") == "0x00001000 @4+4");
  CHECK(it.field("ah", "seq") == "7 @8+4");
  CHECK(it.field("ah", "icv") == "aabbccdd @12+4");
  CHECK(it.brief("ah") == "AH spi 0x00001000 seq 7");
}

TEST_CASE("ah: a header shorter than 12 bytes is malformed") {
  CHECK(dissect_hex("3200 0000 00001000 00000007", as_protocol(51)).findings() ==
        "packet.malformed: Authentication Header at byte 1: length is 8, less than 12");
  CHECK(dissect_hex("3b01 0000 00001000 00000007", as_protocol(51)).findings().empty());
}

TEST_CASE("ah: SPI 0 is malformed") {
  CHECK(dissect_hex("3b01 0000 00000000 00000007", as_protocol(51)).layer("ah").malformed);
}

TEST_CASE("ah: an ICV that is not there, and 11 bytes, are shortfalls") {
  CHECK(dissect_hex("3b02 0000 00001000 00000007 aabbcc", as_protocol(51)).names().empty());
  CHECK(dissect_hex("3b01 0000 00001000 000000", as_protocol(51)).names().empty());
}
