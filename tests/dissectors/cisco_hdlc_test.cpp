#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("cisco_hdlc: the type leads on") {
  const auto it = dissect_hex("8f00 0800" + ipv4_hex(253, ""), as_link(104));
  CHECK(it.names() == "chdlc ipv4");
  CHECK(it.field("chdlc", "address") == "0x8f (multicast) @0+1");
  CHECK(it.field("chdlc", "control") == "0x00 @1+1");
  CHECK(it.field("chdlc", "type") == "0x0800 (IPv4) @2+2");
  CHECK(it.brief("chdlc") == "Cisco HDLC type 0x0800");
}

TEST_CASE("cisco_hdlc: three bytes are no header") { CHECK(dissect_hex("0f00 08", as_link(104)).names().empty()); }
