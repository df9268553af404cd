#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("geneve: any ether type behind options") {
  const auto it =
      dissect_hex(udp_hex(50000, 6081, "02 40 0800 00002a00 0102030405060708" + ipv4_hex(59, "")), as_protocol(17));
  CHECK(it.names() == "udp geneve ipv4 no_next_header");
  CHECK(it.field("geneve", "options_length") == "8 @0+1");
  CHECK(it.field("geneve", "critical_options") == "set @1+1");
  CHECK(it.field("geneve", "type") == "0x0800 (IPv4) @2+2");
  CHECK(it.field("geneve", "vni") == "42 @4+3");
  CHECK(it.field("geneve", "options") == "0102030405060708 @8+8");
  CHECK(it.brief("geneve") == "Geneve vni 42");
  CHECK(it.findings().empty());
}

TEST_CASE("geneve: options that do not fit are malformed") {
  CHECK(dissect_hex(udp_hex(50000, 6081, "3f 00 6558 00002a00 0102"), as_protocol(17))
            .findings()
            .find("packet.malformed: Geneve") == 0);
}

TEST_CASE("geneve: another version, and too few bytes, are not Geneve") {
  CHECK(dissect_hex(udp_hex(50000, 6081, "40 00 6558 00002a00"), as_protocol(17)).names() == "udp");
  CHECK(dissect_hex(udp_hex(50000, 6081, "00 00 65"), as_protocol(17)).names() == "udp");
}
