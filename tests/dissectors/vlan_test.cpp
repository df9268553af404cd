#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("vlan: priority, identifier and type are named") {
  const auto it = dissect_hex("b064 0800" + ipv4_hex(50, "00001000 00000001"), {Space::ether_type, 0x8100});
  CHECK(it.names() == "vlan ipv4 esp");
  CHECK(it.field("vlan", "priority") == "5 @0+2");
  CHECK(it.field("vlan", "drop_eligible") == "set @0+2");
  CHECK(it.field("vlan", "vlan_id") == "100 @0+2");
  CHECK(it.field("vlan", "type") == "0x0800 (IPv4) @2+2");
  CHECK(it.brief("vlan") == "VLAN 100");
}

TEST_CASE("vlan: tags stack, under all three types") {
  const auto it = dissect_hex("020000000002 020000000001 88a8 00c8 9100 012c 8100 0001 88cc", as_ethernet);
  CHECK(it.names() == "ethernet vlan vlan vlan");
}

TEST_CASE("vlan: a length in place of the type may not exceed the frame") {
  CHECK(dissect_hex("0064 0003 424203", {Space::ether_type, 0x8100}).findings().empty());
  CHECK(dissect_hex("0064 0004 424203", {Space::ether_type, 0x8100}).layer("vlan").malformed);
}

TEST_CASE("vlan: three bytes are no tag") {
  const auto it = dissect_hex("0064 08", {Space::ether_type, 0x8100});
  CHECK(it.names().empty());
  CHECK(it.packet.findings().size() == 1);
}
