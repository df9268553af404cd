#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("raw_ip: the first nibble says which IP it is") {
  for (const std::uint32_t link : {101U, 12U, 14U}) {
    CHECK(dissect_hex(ipv4_hex(253, ""), as_link(link)).names() == "raw ipv4");
    CHECK(dissect_hex(ipv6_hex(253, ""), as_link(link)).names() == "raw ipv6");
  }
  CHECK(dissect_hex(ipv4_hex(253, ""), as_link(101)).layer("raw").header.empty());
}

TEST_CASE("raw_ip: a link type that names the version is believed") {
  CHECK(dissect_hex(ipv4_hex(253, ""), as_link(228)).names() == "raw ipv4");
  CHECK(dissect_hex(ipv6_hex(253, ""), as_link(229)).names() == "raw ipv6");
  CHECK(dissect_hex(ipv6_hex(253, ""), as_link(228)).layer("ipv4").malformed);
}

TEST_CASE("raw_ip: other versions end the chain") {
  const auto it = dissect_hex("55", as_link(101));
  CHECK(it.names() == "raw");
  CHECK(it.brief("raw") == "raw IP");
}

TEST_CASE("raw_ip: an empty frame is a shortfall") {
  const auto it = dissect_hex("", as_link(101));
  CHECK(it.names().empty());
  CHECK(it.findings() == "packet.malformed: Raw IP: 1 bytes needed at byte 0, the packet has 0");
}
