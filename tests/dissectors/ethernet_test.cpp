#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ethernet: addresses and type are named, and the ether type leads on") {
  const auto it = dissect_hex("020000000002 020000000001 0800" + ipv4_hex(50, "00001000 00000001 aabb"), as_ethernet);
  CHECK(it.names() == "ethernet ipv4 esp");
  CHECK(it.field("ethernet", "destination") == "02:00:00:00:00:02 @0+6");
  CHECK(it.field("ethernet", "source") == "02:00:00:00:00:01 @6+6");
  CHECK(it.field("ethernet", "type") == "0x0800 (IPv4) @12+2");
  CHECK(it.findings().empty());
}

TEST_CASE("ethernet: padding behind a short IP packet belongs to no layer above") {
  const auto it = dissect_hex(
      "020000000002 020000000001 0800" + ipv4_hex(50, "00001000 00000001 aabb") + "000000000000", as_ethernet);
  CHECK(it.layer("esp").payload.size() == 2);
  CHECK(it.layer("ethernet").payload.size() == 36);
}

TEST_CASE("ethernet: an unknown type ends the chain and is named") {
  const auto it = dissect_hex("020000000002 020000000001 88cc 0207", as_ethernet);
  CHECK(it.names() == "ethernet");
  CHECK(it.brief("ethernet") == "Ethernet type 0x88cc");
  CHECK(it.end.kind == Step::Kind::end);
}

TEST_CASE("ethernet: a length in place of the type limits the frame") {
  const auto it = dissect_hex("0180c2000000 020000000001 0003 424203 0000", as_ethernet);
  CHECK(it.names() == "ethernet llc");
  CHECK(it.layer("ethernet").payload.size() == 3);
  CHECK(it.field("ethernet", "length") == "3 @12+2");
  CHECK(it.brief("ethernet") == "Ethernet 802.3");
}

TEST_CASE("ethernet: a length longer than the frame is malformed") {
  const auto it = dissect_hex("0180c2000000 020000000001 0004 424203", as_ethernet);
  CHECK(it.layer("ethernet").malformed);
  CHECK(it.findings() == "packet.malformed: Ethernet: its length field promises 4 bytes from byte 14, 3 are there");
}

TEST_CASE("ethernet: 13 bytes are no header") {
  const auto it = dissect_hex("020000000002 020000000001 08", as_ethernet);
  CHECK(it.names().empty());
  CHECK(it.findings() == "packet.malformed: Ethernet: 14 bytes needed at byte 0, the packet has 13");
}

TEST_CASE("ethernet: carried in GRE it is read too") {
  const auto it = dissect_hex("00006558 020000000002 020000000001 88cc", as_protocol(47));
  CHECK(it.names() == "gre ethernet");
}
