#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ipv6_routing: type and segments are named, the next header leads on") {
  const auto it = dissect_hex("3202 0201 00000000 20010db8000000000000000000000003 00001000 00000001", as_protocol(43));
  CHECK(it.names() == "ipv6_routing esp");
  CHECK(it.field("ipv6_routing", "next_header") == "50 (ESP) @0+1");
  CHECK(it.field("ipv6_routing", "length") == "24 @1+1");
  CHECK(it.field("ipv6_routing", "routing_type") == "2 (mobile IPv6, RFC 6275) @2+1");
  CHECK(it.field("ipv6_routing", "segments_left") == "1 @3+1");
  CHECK(it.brief("ipv6_routing") == "IPv6 routing type 2 segments left 1");
}

TEST_CASE("ipv6_routing: a length behind the packet's end is a shortfall") {
  CHECK(dissect_hex("3b00 0000 000000", as_protocol(43)).names().empty());
}
