#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("gre: all optional fields are named where they stand") {
  const auto it = dissect_hex("b000 0800 abcd 0000 0000002a 00000007" + ipv4_hex(253, ""), as_protocol(47));
  CHECK(it.names() == "gre ipv4");
  CHECK(it.field("gre", "flags") == "0xb000 @0+2");
  CHECK(it.field("gre", "version") == "0 @1+1");
  CHECK(it.field("gre", "type") == "0x0800 (IPv4) @2+2");
  CHECK(it.field("gre", "checksum") == "0xabcd @4+2");
  CHECK(it.field("gre", "key") == "0x0000002a @8+4");
  CHECK(it.field("gre", "seq") == "7 @12+4");
  CHECK(it.brief("gre") == "GRE key 0x2a");
}

TEST_CASE("gre: without options the header has four bytes") {
  const auto it = dissect_hex("0000 86dd" + ipv6_hex(253, ""), as_protocol(47));
  CHECK(it.names() == "gre ipv6");
  CHECK(it.brief("gre") == "GRE");
  CHECK(it.field("gre", "key") == "-");
}

TEST_CASE("gre: version 1 carries PPP") {
  const auto it = dissect_hex("3081 880b 00180001 00000007 00000006 0021" + ipv4_hex(253, ""), as_protocol(47));
  CHECK(it.names() == "gre ppp ipv4");
  CHECK(it.field("gre", "ack") == "6 @12+4");
  CHECK(dissect_hex("2081 880b 00000001 00000006", as_protocol(47)).findings().empty());
}

TEST_CASE("gre: source routing ends the chain, other versions are malformed") {
  CHECK(dissect_hex("4000 0800 00000000" + ipv4_hex(253, ""), as_protocol(47)).names() == "gre");
  CHECK(dissect_hex("0002 0800", as_protocol(47)).findings() ==
        "packet.malformed: GRE at byte 0: version is 2, not 0 or 1");
}

TEST_CASE("gre: three bytes, or a key that is not there, are shortfalls") {
  CHECK(dissect_hex("0000 08", as_protocol(47)).names().empty());
  CHECK(dissect_hex("2000 0800 000000", as_protocol(47)).names().empty());
}
