#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ipv4: all fields are named") {
  const auto it = dissect_hex("46b8001c 1234e0b9 3d32abcd c0000201 c6336407 94040000 00001000 00000001", as_ipv4);
  CHECK(it.field("ipv4", "version") == "4 @0+1");
  CHECK(it.field("ipv4", "header_length") == "24 @0+1");
  CHECK(it.field("ipv4", "tos") == "0xb8 @1+1");
  CHECK(it.field("ipv4", "total_length") == "28 @2+2");
  CHECK(it.field("ipv4", "id") == "0x1234 @4+2");
  CHECK(it.field("ipv4", "dont_fragment") == "set @6+1");
  CHECK(it.field("ipv4", "more_fragments") == "set @6+1");
  CHECK(it.field("ipv4", "fragment_offset") == "1480 @6+2");
  CHECK(it.field("ipv4", "ttl") == "61 @8+1");
  CHECK(it.field("ipv4", "protocol") == "50 (ESP) @9+1");
  CHECK(it.field("ipv4", "checksum") == "0xabcd @10+2");
  CHECK(it.field("ipv4", "source") == "192.0.2.1 @12+4");
  CHECK(it.field("ipv4", "destination") == "198.51.100.7 @16+4");
  CHECK(it.field("ipv4", "options") == "94040000 @20+4");
}

TEST_CASE("ipv4: ether type, IP in IP, first nibble and PPP lead to it") {
  const ClaimTable claims;
  for (const Claim claim :
       {Claim{Space::ether_type, 0x0800}, as_protocol(4), as_ipv4, Claim{Space::ppp_protocol, 0x21}})
    CHECK(claims.find(claim)->name == "ipv4");
}

TEST_CASE("ipv4: the total length cuts link padding off") {
  const auto it = dissect_hex(ipv4_hex(99, "aabb") + "0000", as_ipv4);
  CHECK(it.layer("ipv4").payload.size() == 2);
  CHECK(it.brief("ipv4") == "IPv4 protocol 99");
}

TEST_CASE("ipv4: a total length longer than the frame is malformed and reaches nobody") {
  auto bytes = unhex(ipv4_hex(50, "00001000 00000001 aabb"));
  bytes.pop_back();
  const auto it = dissect_bytes(bytes, as_ipv4);
  CHECK(it.names() == "ipv4");
  CHECK(it.layer("ipv4").malformed);
  CHECK(it.end.kind == Step::Kind::end);
  CHECK(it.findings() == "packet.malformed: IPv4: its length field promises 10 bytes from byte 20, 9 are there");
}

TEST_CASE("ipv4: a total length longer than what was captured is fine") {
  auto bytes = unhex(ipv4_hex(50, "00001000 00000001 aabb"));
  bytes.pop_back();
  const auto it = dissect_bytes(bytes, as_ipv4, bytes.size() + 1);
  CHECK(it.names() == "ipv4 esp");
  CHECK(it.layer("esp").cut());
  CHECK(it.findings().empty());
}

TEST_CASE("ipv4: a total length of 0 takes all there is") {
  const auto it = dissect_hex("45000000 00004000 40320000 0a000001 0a000002 00001000 00000001 aabb", as_ipv4);
  CHECK(it.names() == "ipv4 esp");
  CHECK(it.layer("esp").payload.size() == 2);
}

TEST_CASE("ipv4: fragments are pieces, first and last") {
  const auto first = dissect_hex("4500001c 00002000 40320000 0a000001 0a000002 00001000 00000001", as_ipv4);
  CHECK(first.names() == "ipv4");
  CHECK(first.end.kind == Step::Kind::partial);
  CHECK(first.brief("ipv4") == "IPv4 fragment offset 0");
  const auto last = dissect_hex("4500001c 000000b9 40320000 0a000001 0a000002 00001000 00000001", as_ipv4);
  CHECK(last.end.kind == Step::Kind::partial);
  CHECK(last.brief("ipv4") == "IPv4 fragment offset 1480");
}

TEST_CASE("ipv4: each way to be malformed is told") {
  CHECK(dissect_hex("65000014 00000000 40320000 0a000001 0a000002", as_ipv4).findings() ==
        "packet.malformed: IPv4 at byte 0: version is 6, not 4");
  CHECK(dissect_hex("44000014 00000000 40320000 0a000001 0a000002", as_ipv4).findings() ==
        "packet.malformed: IPv4 at byte 0: header length is 16, less than 20");
  CHECK(dissect_hex("45000013 00000000 40320000 0a000001 0a000002", as_ipv4).findings() ==
        "packet.malformed: IPv4 at byte 2: total length is 19, less than the header's 20");
  CHECK(dissect_hex("46000018 00000000 40320000 0a000001 0a000002 01940400", as_ipv4).findings() ==
        "packet.malformed: IPv4 at byte 21: an option does not fit into the header");
}

TEST_CASE("ipv4: 19 bytes, and options that are not there, are shortfalls") {
  CHECK(dissect_hex("45000014 00000000 40320000 0a000001 0a0000", as_ipv4).findings() ==
        "packet.malformed: IPv4: 20 bytes needed at byte 0, the packet has 19");
  CHECK(dissect_hex("46000018 00000000 40320000 0a000001 0a000002 01", as_ipv4).findings() ==
        "packet.malformed: IPv4: 4 bytes needed at byte 20, the packet has 1");
}
