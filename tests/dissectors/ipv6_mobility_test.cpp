#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// A binding update: sequence 7, home registration, lifetime 240 s, and two bytes of padding.
const std::string binding_update = "3b01 0500 1234 0007 c000 003c 0102 0000";

}  // namespace

TEST_CASE("ipv6_mobility: the fields are named, and nothing follows next header 59") {
  const auto it = dissect_hex(binding_update + "ffff", as_protocol(135));
  CHECK(it.names() == "ipv6_mobility");
  CHECK(it.field("ipv6_mobility", "next_header") == "59 (no next header) @0+1");
  CHECK(it.field("ipv6_mobility", "length") == "16 @1+1");
  CHECK(it.field("ipv6_mobility", "type") == "5 (binding update) @2+1");
  CHECK(it.field("ipv6_mobility", "checksum") == "0x1234 @4+2");
  CHECK(it.field("ipv6_mobility", "data") == "0007c000003c01020000 @6+10");
  CHECK(it.brief("ipv6_mobility") == "mobility binding update");
  CHECK(it.findings().empty());
}

TEST_CASE("ipv6_mobility: another payload protocol leads on") {
  const auto it = dissect_hex("3200 0500 1234 0000 00001000 00000001", as_protocol(135));
  CHECK(it.names() == "ipv6_mobility esp");
}

TEST_CASE("ipv6_mobility: a type without a name keeps its number") {
  CHECK(dissect_hex("3b00 c800 0000 0000", as_protocol(135)).brief("ipv6_mobility") == "mobility type 200");
}

TEST_CASE("ipv6_mobility: behind IPv6 it is an extension header") {
  CHECK(dissect_hex(ipv6_hex(135, binding_update), as_ipv6).names() == "ipv6 ipv6_mobility");
}

TEST_CASE("ipv6_mobility: a length behind the packet's end is a shortfall") {
  const auto it = dissect_hex("3b01 0500 1234 0007 c000 003c 0102 00", as_protocol(135));
  CHECK(it.names().empty());
  CHECK(it.findings() == "packet.malformed: IPv6 mobility: 14 bytes needed at byte 2, the packet has 13");
}
