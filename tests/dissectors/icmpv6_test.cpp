#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("icmpv6: packet too big tells the MTU and quotes the packet") {
  const auto it = dissect_hex("0200 abcd 00000500" + ipv6_hex(50, "00001000 0000000c"), as_protocol(58));
  CHECK(it.names() == "icmpv6 \"ipv6 \"esp");
  CHECK(it.brief("icmpv6") == "ICMPv6 packet too big, MTU 1280");
  CHECK(it.field("icmpv6", "type") == "2 (packet too big) @0+1");
  CHECK(it.field("icmpv6", "code") == "0 @1+1");
  CHECK(it.field("icmpv6", "checksum") == "0xabcd @2+2");
  CHECK(it.field("icmpv6", "mtu") == "1280 @4+4");
}

TEST_CASE("icmpv6: echo shows identifier and number") {
  CHECK(dissect_hex("8000 abcd 0021 0001", as_protocol(58)).brief("icmpv6") == "ICMPv6 echo request id 33 seq 1");
  CHECK(dissect_hex("8100 abcd 0021 0001", as_protocol(58)).field("icmpv6", "id") == "33 @4+2");
}

TEST_CASE("icmpv6: neighbor discovery shows its target") {
  const auto it = dissect_hex("8700 abcd 00000000 fe800000000000000000000000000001 0101020000000001", as_protocol(58));
  CHECK(it.brief("icmpv6") == "ICMPv6 neighbor solicitation for fe80::1");
  CHECK(it.field("icmpv6", "target") == "fe80::1 @8+16");
}

TEST_CASE("icmpv6: errors are named by type and code") {
  CHECK(dissect_hex("0103 0000 00000000", as_protocol(58)).brief("icmpv6") == "ICMPv6 address unreachable");
  CHECK(dissect_hex("01ff 0000 00000000", as_protocol(58)).brief("icmpv6") == "ICMPv6 unreachable");
  CHECK(dissect_hex("0300 0000 00000000", as_protocol(58)).brief("icmpv6") == "ICMPv6 time exceeded");
  CHECK(dissect_hex("c801 0000 00000000", as_protocol(58)).brief("icmpv6") == "ICMPv6 type 200 code 1");
}

TEST_CASE("icmpv6: an extension behind the quotation is not part of it") {
  const auto it = dissect_hex("0300 0000 06000000" + ipv6_hex(50, "00001000 0000000c") + "20000000", as_protocol(58));
  CHECK(it.layer("icmpv6").payload.size() == 48);
}

TEST_CASE("icmpv6: seven bytes, or half a target, are no header") {
  CHECK(dissect_hex("8000 abcd 0021 00", as_protocol(58)).names().empty());
  CHECK(dissect_hex("8700 abcd 00000000 fe80000000000000000000000000", as_protocol(58)).names().empty());
}
