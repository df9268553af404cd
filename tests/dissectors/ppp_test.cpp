#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("ppp: with address and control, and with the protocol in full") {
  const auto it = dissect_hex("ff03 0021" + ipv4_hex(253, ""), as_link(9));
  CHECK(it.names() == "ppp ipv4");
  CHECK(it.field("ppp", "address") == "0xff @0+1");
  CHECK(it.field("ppp", "protocol") == "0x0021 (IPv4) @2+2");
  CHECK(it.brief("ppp") == "PPP IPv4");
}

TEST_CASE("ppp: framing and the protocol's first byte may be compressed away") {
  CHECK(dissect_hex("0057" + ipv6_hex(253, ""), as_link(9)).names() == "ppp ipv6");
  CHECK(dissect_hex("21" + ipv4_hex(253, ""), as_link(9)).names() == "ppp ipv4");
  CHECK(dissect_hex("ff03 57" + ipv6_hex(253, ""), as_link(50)).field("ppp", "protocol") == "0x0057 (IPv6) @2+1");
}

TEST_CASE("ppp: control protocols end the chain and are named") {
  const auto it = dissect_hex("c021 0101", as_link(9));
  CHECK(it.names() == "ppp");
  CHECK(it.brief("ppp") == "PPP LCP");
  CHECK(dissect_hex("c222 01", as_link(9)).brief("ppp") == "PPP protocol 0xc222");
}

TEST_CASE("ppp: a serial line may hold Cisco HDLC instead") {
  CHECK(dissect_hex("0f00 0800" + ipv4_hex(253, ""), as_link(50)).names() == "ppp chdlc ipv4");
}

TEST_CASE("ppp: a protocol cut in half is a shortfall") {
  CHECK(dissect_hex("ff03 00", as_link(9)).packet.findings().size() == 1);
  CHECK(dissect_hex("", as_link(9)).packet.findings().size() == 1);
}
