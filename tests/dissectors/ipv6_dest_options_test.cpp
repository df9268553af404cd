#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ipv6_dest_options: options are fields, the next header leads on") {
  const auto it = dissect_hex("3200 0502beef 0100 00001000 00000001", as_protocol(60));
  CHECK(it.names() == "ipv6_dest_options esp");
  CHECK(it.field("ipv6_dest_options", "next_header") == "50 (ESP) @0+1");
  CHECK(it.field("ipv6_dest_options", "length") == "8 @1+1");
  CHECK(it.field("ipv6_dest_options", "kind") == "0x05 @2+1");
  CHECK(it.field("ipv6_dest_options", "data") == "beef @4+2");
  CHECK(it.brief("ipv6_dest_options") == "IPv6 destination options");
}

TEST_CASE("ipv6_dest_options: an option longer than the header is malformed") {
  CHECK(dissect_hex("3200 0505beef 0100 00001000 00000001", as_protocol(60)).layer("ipv6_dest_options").malformed);
  CHECK(dissect_hex("3200 0504beef 0100 00001000 00000001", as_protocol(60)).findings().empty());
}

TEST_CASE("ipv6_dest_options: a length behind the packet's end is a shortfall") {
  CHECK(dissect_hex("3b00 01040000 00", as_protocol(60)).names().empty());
  CHECK(dissect_hex("3b01 01040000 0000", as_protocol(60)).names().empty());
}
