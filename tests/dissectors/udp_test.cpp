#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("udp: all fields are named") {
  const auto it = dissect_hex("1f40 0009 000a abcd 6162 0000", as_protocol(17));
  CHECK(it.names() == "udp");
  CHECK(it.field("udp", "source_port") == "8000 @0+2");
  CHECK(it.field("udp", "destination_port") == "9 @2+2");
  CHECK(it.field("udp", "length") == "10 @4+2");
  CHECK(it.field("udp", "checksum") == "0xabcd @6+2");
  CHECK(it.layer("udp").payload.size() == 2);
  CHECK(it.brief("udp") == "UDP");
}

TEST_CASE("udp: the destination port leads on, else the source port") {
  CHECK(dissect_hex(udp_hex(8000, 4500, "ff"), as_protocol(17)).names() == "udp udpencap");
  CHECK(dissect_hex(udp_hex(4500, 8000, "ff"), as_protocol(17)).names() == "udp udpencap");
}

TEST_CASE("udp: an empty datagram ends the chain, whatever its port") {
  const auto it = dissect_hex(udp_hex(4500, 4500, ""), as_protocol(17));
  CHECK(it.names() == "udp");
  CHECK(it.findings().empty());
}

TEST_CASE("udp: a length of 0 takes the rest") {
  CHECK(dissect_hex("1f40 0009 0000 0000 616263", as_protocol(17)).layer("udp").payload.size() == 3);
}

TEST_CASE("udp: a length below 8, or longer than the packet, is malformed") {
  CHECK(dissect_hex("1f40 1194 0007 0000 ff", as_protocol(17)).findings() ==
        "packet.malformed: UDP at byte 4: length is 7, less than the header's 8");
  const auto longer = dissect_hex("1f40 1194 000a 0000 ff", as_protocol(17));
  CHECK(longer.names() == "udp");
  CHECK(longer.layer("udp").malformed);
}

TEST_CASE("udp: seven bytes are no header") {
  CHECK(dissect_hex("1f40 0009 0008 ab", as_protocol(17)).names().empty());
}
