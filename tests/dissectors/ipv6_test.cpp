#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ipv6: all fields are named") {
  const auto it = dissect_hex(
      "6b812345 0008 32 3d 20010db8000000000000000000000001 20010db8000000000000000000000002"
      "00001000 00000001",
      as_ipv6);
  CHECK(it.names() == "ipv6 esp");
  CHECK(it.field("ipv6", "version") == "6 @0+1");
  CHECK(it.field("ipv6", "traffic_class") == "0xb8 @0+2");
  CHECK(it.field("ipv6", "flow_label") == "0x12345 @1+3");
  CHECK(it.field("ipv6", "payload_length") == "8 @4+2");
  CHECK(it.field("ipv6", "next_header") == "50 (ESP) @6+1");
  CHECK(it.field("ipv6", "hop_limit") == "61 @7+1");
  CHECK(it.field("ipv6", "source") == "2001:db8::1 @8+16");
  CHECK(it.field("ipv6", "destination") == "2001:db8::2 @24+16");
}

TEST_CASE("ipv6: ether type, IPv6 in IP, first nibble and PPP lead to it") {
  const ClaimTable claims;
  for (const Claim claim :
       {Claim{Space::ether_type, 0x86dd}, as_protocol(41), as_ipv6, Claim{Space::ppp_protocol, 0x57}})
    CHECK(claims.find(claim)->name == "ipv6");
}

TEST_CASE("ipv6: the payload length cuts padding off, and may not exceed the frame") {
  auto bytes = unhex(ipv6_hex(59, "aabb"));
  bytes.push_back(0);
  CHECK(dissect_bytes(bytes, as_ipv6).layer("ipv6").payload.size() == 2);
  CHECK(dissect_bytes(bytes, as_ipv6).brief("ipv6") == "IPv6 next header 59 (no next header)");
  bytes.resize(41);
  CHECK(dissect_bytes(bytes, as_ipv6).layer("ipv6").malformed);
  CHECK(dissect_bytes(bytes, as_ipv6, 42).findings().empty());
}

TEST_CASE("ipv6: without a payload length only jumbograms and offloaded segments take the rest") {
  const std::string addresses = "20010db8000000000000000000000001 20010db8000000000000000000000002";
  CHECK(dissect_hex("60000000 0000 00 40" + addresses + "fd00 c20400010000", as_ipv6).names() ==
        "ipv6 ipv6_hop_by_hop");
  const auto esp = dissect_hex("60000000 0000 32 40" + addresses + "00001000 00000001", as_ipv6);
  CHECK(esp.names() == "ipv6");
  CHECK(esp.findings() == "esp.malformed: Encapsulating Security Payload: 4 bytes needed at byte 40, the packet has 0");
}

TEST_CASE("ipv6: another version is malformed, 39 bytes are no header") {
  auto bytes = unhex(ipv6_hex(253, ""));
  bytes[0] = 0x45;
  CHECK(dissect_bytes(bytes, as_ipv6).findings() == "packet.malformed: IPv6 at byte 0: version is 4, not 6");
  bytes.pop_back();
  CHECK(dissect_bytes(bytes, as_ipv6).names().empty());
}
