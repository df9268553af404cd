#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
Dissected over_udp(const std::string& hex) { return dissect_hex(udp_hex(1701, 1701, hex), as_protocol(17)); }
}  // namespace

TEST_CASE("l2tp: data of version 2 carries PPP, with any fields of the header") {
  const std::string ppp = "ff03 0021" + ipv4_hex(59, "");
  for (const char* header : {"0002 0007 0009", "4002 0020 0007 0009", "0802 0007 0009 0001 0002",
                             "0202 0007 0009 0002 0000", "4a02 0028 0007 0009 0001 0002 0002 0000"}) {
    const auto it = over_udp(header + ppp);
    CAPTURE(header);
    CHECK(it.names() == "udp l2tp ppp ipv4 no_next_header");
    CHECK(it.brief("l2tp") == "L2TP tunnel 7 session 9");
    CHECK(it.findings().empty());
  }
}

TEST_CASE("l2tp: control of version 2 names its message") {
  const auto it = over_udp("c802 0014 0000 0000 0001 0002 8008 0000 0000 0001");
  CHECK(it.names() == "udp l2tp");
  CHECK(it.brief("l2tp") == "L2TP SCCRQ tunnel 0 session 0");
  CHECK(it.field("l2tp", "control") == "set @0+1");
  CHECK(it.field("l2tp", "length") == "20 @2+2");
  CHECK(it.field("l2tp", "ns") == "1 @8+2");
  CHECK(it.field("l2tp", "nr") == "2 @10+2");
  CHECK(over_udp("c802 000c 0005 0000 0001 0002").brief("l2tp") == "L2TP ZLB tunnel 5 session 0");
}

TEST_CASE("l2tp: version 3 over UDP and IP") {
  const auto data = over_udp("0003 0000 0000002a 01020304");
  CHECK(data.brief("l2tp") == "L2TPv3 session 0x0000002a");
  CHECK(data.field("l2tp", "session_id") == "0x0000002a @4+4");
  const auto control = over_udp("c803 0014 0000002a 0001 0002 8008 0000 0000 0006");
  CHECK(control.brief("l2tp") == "L2TPv3 HELLO connection 0x0000002a");
  const auto ip = dissect_hex("0000002a 01020304", as_protocol(115));
  CHECK(ip.brief("l2tp") == "L2TPv3 session 0x0000002a");
  CHECK(ip.field("l2tp", "session_id") == "0x0000002a @0+4");
  const auto ip_control = dissect_hex("00000000 c803 0014 0000002a 0001 0002 8008 0000 0000 0006", as_protocol(115));
  CHECK(ip_control.brief("l2tp") == "L2TPv3 HELLO connection 0x0000002a");
  CHECK(ip_control.field("l2tp", "connection_id") == "0x0000002a @8+4");
  CHECK(ip_control.findings().empty());
}

TEST_CASE("l2tp: a length shorter than the header, and data behind session 0, are malformed") {
  CHECK(over_udp("c802 000b 0005 0000 0001 0002").findings() ==
        "packet.malformed: Layer Two Tunneling Protocol at byte 10: length is 11, less than the header's 12");
  CHECK(dissect_hex("00000000 0003 0000", as_protocol(115)).layer("l2tp").malformed);
}

TEST_CASE("l2tp: another version is not L2TP") {
  CHECK(over_udp("0001 0007 0009").names() == "udp");
  CHECK(over_udp("4802 0007").findings().find("packet.malformed") == 0);
}
