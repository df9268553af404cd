#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("aggfrag: without congestion control, four bytes of header") {
  const auto it = dissect_hex("00 00 0102" + ipv4_hex(59, ""), as_protocol(144));
  CHECK(it.names() == "aggfrag");
  CHECK(it.end.kind == Step::Kind::partial);
  CHECK(it.field("aggfrag", "sub_type") == "0 (without congestion control) @0+1");
  CHECK(it.field("aggfrag", "block_offset") == "258 @2+2");
  CHECK(it.field("aggfrag", "rtt") == "-");
  CHECK(it.brief("aggfrag") == "AGGFRAG block offset 258");
  CHECK(it.layer("aggfrag").payload.size() == 20);
}

TEST_CASE("aggfrag: with congestion control, 24 bytes of header") {
  // RTT 5, echo delay 6, transmit delay 7: 22, 21 and 21 bits.
  const auto it = dissect_hex("01 03 0000 00000009 000014 0000c00007 00000008 0000000a", as_protocol(144));
  CHECK(it.field("aggfrag", "path_mtu_probe") == "set @1+1");
  CHECK(it.field("aggfrag", "ecn") == "set @1+1");
  CHECK(it.field("aggfrag", "loss_event_rate") == "9 @4+4");
  CHECK(it.field("aggfrag", "rtt") == "5 (microseconds) @8+3");
  CHECK(it.field("aggfrag", "echo_delay") == "6 (microseconds) @10+4");
  CHECK(it.field("aggfrag", "transmit_delay") == "7 (microseconds) @13+3");
  CHECK(it.field("aggfrag", "tval") == "8 @16+4");
  CHECK(it.field("aggfrag", "techo") == "10 @20+4");
  CHECK(it.layer("aggfrag").payload.empty());
}

TEST_CASE("aggfrag: another sub-type and a short header are malformed ESP") {
  CHECK(dissect_hex("02 00 0000", as_protocol(144)).findings() ==
        "esp.malformed: Aggregation and Fragmentation at byte 0: sub-type is 2, not 0 or 1");
  CHECK(dissect_hex("00 00 00", as_protocol(144)).findings().find("esp.malformed") == 0);
  CHECK(dissect_hex("01 00 0000 00000000", as_protocol(144)).findings().find("esp.malformed") == 0);
}
