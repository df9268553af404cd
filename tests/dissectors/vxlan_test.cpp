#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
const std::string macs = "020000000002 020000000001";
}

TEST_CASE("vxlan: an Ethernet frame behind eight bytes, on both ports") {
  for (const int port : {4789, 8472}) {
    const std::string inner = macs + "0800" + ipv4_hex(59, "");
    const auto it = dissect_hex(udp_hex(50000, port, "08000000 00002a00" + inner), as_protocol(17));
    CHECK(it.names() == "udp vxlan ethernet ipv4 no_next_header");
    CHECK(it.field("vxlan", "flags") == "0x08 @0+1");
    CHECK(it.field("vxlan", "vni") == "42 @4+3");
    CHECK(it.brief("vxlan") == "VXLAN vni 42");
    CHECK(it.findings().empty());
  }
}

TEST_CASE("vxlan: other traffic on its ports is left to who else claims it") {
  const std::string dns = "1234 8183 0001 0000 0000 0000 0377777700 0001 0001";
  CHECK(dissect_hex(udp_hex(53, 4789, dns), as_protocol(17)).names() == "udp dns");
  CHECK(dissect_hex(udp_hex(50000, 4789, dns), as_protocol(17)).names() == "udp");
  CHECK(dissect_hex(udp_hex(50000, 4789, "080000"), as_protocol(17)).findings().empty());
}

TEST_CASE("vxlan: a cut header is the capture's doing") {
  const std::string cut = "c350 12b5 0030 0000 080000";
  CHECK(dissect_hex(cut, as_protocol(17), 48).findings().find("capture.truncated") == 0);
}
