#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
const std::string macs = "0180c2000000 020000000001";
}

TEST_CASE("llc: SNAP names an ether type, or an organization's own protocol") {
  const auto it = dissect_hex(macs + "001c aaaa03 000000 0800" + ipv4_hex(59, ""), as_ethernet);
  CHECK(it.names() == "ethernet llc ipv4 no_next_header");
  CHECK(it.field("llc", "dsap") == "0xaa (SNAP) @0+1");
  CHECK(it.field("llc", "protocol") == "0x0800 (IPv4) @6+2");
  const auto cisco = dissect_hex(macs + "000a aaaa03 00000c 2000 0102", as_ethernet);
  CHECK(cisco.names() == "ethernet llc");
  CHECK(cisco.brief("llc") == "LLC SNAP 0x00000c 0x2000");
}

TEST_CASE("llc: a spanning tree, ISO, and numbered frames") {
  CHECK(dissect_hex(macs + "0007 424203 0000 00 80", as_ethernet).names() == "ethernet llc stp");
  CHECK(dissect_hex(macs + "0004 fefe03 83", as_ethernet).brief("llc") == "LLC ISO network layer");
  const auto numbered = dissect_hex(macs + "0005 aaaa 0001 77", as_ethernet);
  CHECK(numbered.names() == "ethernet llc");
  CHECK(numbered.field("llc", "control") == "0001 @2+2");
}

TEST_CASE("llc: a header that ends early is malformed") {
  CHECK(dissect_hex(macs + "0002 aaaa", as_ethernet).findings().find("packet.malformed: Logical Link Control") == 0);
  CHECK(dissect_hex(macs + "0006 aaaa03 000000", as_ethernet).findings().find("packet.malformed") == 0);
}
