#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
const std::string quoted_esp = "45000578 12344000 40320000 0a000001 0a000002 00001000 0000000c";
}

TEST_CASE("icmp: echo shows identifier and number") {
  const auto it = dissect_hex("0800 abcd 0021 0001 61626364", as_protocol(1));
  CHECK(it.brief("icmp") == "ICMP echo request id 33 seq 1");
  CHECK(it.field("icmp", "type") == "8 (echo request) @0+1");
  CHECK(it.field("icmp", "code") == "0 @1+1");
  CHECK(it.field("icmp", "checksum") == "0xabcd @2+2");
  CHECK(it.field("icmp", "id") == "33 @4+2");
  CHECK(it.field("icmp", "seq") == "1 @6+2");
  CHECK(dissect_hex("0000 abcd 0021 0001", as_protocol(1)).brief("icmp") == "ICMP echo reply id 33 seq 1");
}

TEST_CASE("icmp: fragmentation needed tells the MTU and quotes the packet") {
  const auto it = dissect_hex("0304 0000 0000 0578" + quoted_esp, as_protocol(1));
  CHECK(it.names() == "icmp \"ipv4 \"esp");
  CHECK(it.brief("icmp") == "ICMP fragmentation needed, MTU 1400");
  CHECK(it.field("icmp", "next_hop_mtu") == "1400 @6+2");
  CHECK(it.end.kind == Step::Kind::end);
  CHECK(it.layer("esp").payload_claimed == 0x578 - 20 - 8);
  CHECK(it.findings().empty());
}

TEST_CASE("icmp: errors are named by type and code") {
  CHECK(dissect_hex("0301 0000 00000000", as_protocol(1)).brief("icmp") == "ICMP host unreachable");
  CHECK(dissect_hex("030d 0000 00000000", as_protocol(1)).brief("icmp") == "ICMP administratively prohibited");
  CHECK(dissect_hex("0310 0000 00000000", as_protocol(1)).brief("icmp") == "ICMP unreachable");
  CHECK(dissect_hex("0b00 0000 00000000", as_protocol(1)).brief("icmp") == "ICMP time exceeded");
  CHECK(dissect_hex("0b01 0000 00000000", as_protocol(1)).brief("icmp") == "ICMP reassembly time exceeded");
  CHECK(dissect_hex("0500 0000 0a0000fe", as_protocol(1)).brief("icmp") == "ICMP redirect to 10.0.0.254");
  CHECK(dissect_hex("2a01 0000 00000000", as_protocol(1)).brief("icmp") == "ICMP type 42 code 1");
}

TEST_CASE("icmp: a quotation that breaks off or makes no sense is no finding") {
  for (std::size_t size = 0; size <= quoted_esp.size(); ++size)
    CHECK(dissect_hex("0303 0000 00000000" + quoted_esp.substr(0, size), as_protocol(1)).findings().empty());
  CHECK(dissect_hex("0303 0000 00000000 4f00ffff", as_protocol(1)).findings().empty());
}

TEST_CASE("icmp: an extension behind the quotation is not part of it") {
  const auto it = dissect_hex("0b00 0000 00070000" + quoted_esp + "20000000", as_protocol(1));
  CHECK(it.names() == "icmp \"ipv4 \"esp");
  CHECK(it.layer("esp").payload.empty());
}

TEST_CASE("icmp: seven bytes are no header") {
  CHECK(dissect_hex("0800 abcd 0021 00", as_protocol(1)).names().empty());
}
