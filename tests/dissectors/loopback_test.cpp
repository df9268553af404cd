#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("loopback: the family is read in either byte order under LINKTYPE_NULL") {
  CHECK(dissect_hex("02000000" + ipv4_hex(50, "00001000 00000001"), as_link(0)).names() == "null ipv4 esp");
  CHECK(dissect_hex("00000002" + ipv4_hex(50, "00001000 00000001"), as_link(0)).names() == "null ipv4 esp");
}

TEST_CASE("loopback: every system's number of IPv6 is known") {
  for (const char* family : {"18000000", "1c000000", "1e000000", "0a000000"}) {
    const auto it = dissect_hex(family + ipv6_hex(50, "00001000 00000001"), as_link(0));
    CHECK(it.names() == "null ipv6 esp");
  }
}

TEST_CASE("loopback: LINKTYPE_LOOP has network order only") {
  CHECK(dissect_hex("00000002" + ipv4_hex(253, ""), as_link(108)).names() == "null ipv4");
  CHECK(dissect_hex("02000000" + ipv4_hex(253, ""), as_link(108)).names() == "null");
}

TEST_CASE("loopback: the family is a field") {
  const auto it = dissect_hex("02000000" + ipv4_hex(253, ""), as_link(0));
  CHECK(it.field("null", "family") == "2 (IPv4) @0+4");
  CHECK(it.brief("null") == "loopback, family 2");
}

TEST_CASE("loopback: another family ends the chain, three bytes are no header") {
  CHECK(dissect_hex("07000000 45", as_link(0)).names() == "null");
  CHECK(dissect_hex("020000", as_link(0)).names().empty());
}
