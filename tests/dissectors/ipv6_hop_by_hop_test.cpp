#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ipv6_hop_by_hop: options are fields, the next header leads on") {
  const auto it = dissect_hex("3200 0502beef 0100 00001000 00000001", as_protocol(0));
  CHECK(it.names() == "ipv6_hop_by_hop esp");
  CHECK(it.field("ipv6_hop_by_hop", "next_header") == "50 (ESP) @0+1");
  CHECK(it.field("ipv6_hop_by_hop", "length") == "8 @1+1");
  CHECK(it.field("ipv6_hop_by_hop", "kind") == "0x05 @2+1");
  CHECK(it.field("ipv6_hop_by_hop", "data") == "beef @4+2");
  CHECK(it.brief("ipv6_hop_by_hop") == "IPv6 hop-by-hop options");
}

TEST_CASE("ipv6_hop_by_hop: an option longer than the header is malformed") {
  CHECK(dissect_hex("3200 0505beef 0100 00001000 00000001", as_protocol(0)).layer("ipv6_hop_by_hop").malformed);
  CHECK(dissect_hex("3200 0504beef 0100 00001000 00000001", as_protocol(0)).findings().empty());
}

TEST_CASE("ipv6_hop_by_hop: a length behind the packet's end is a shortfall") {
  CHECK(dissect_hex("3b00 01040000 00", as_protocol(0)).names().empty());
  CHECK(dissect_hex("3b01 01040000 0000", as_protocol(0)).names().empty());
}
