#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("beetph: options stand behind the padding, the next header leads on") {
  const auto it = dissect_hex("11010401 01010101 94040000 01010101 1f40 0009 0008 0000", as_protocol(94));
  CHECK(it.names() == "beetph udp");
  CHECK(it.field("beetph", "next_header") == "17 (UDP) @0+1");
  CHECK(it.field("beetph", "length") == "16 @1+1");
  CHECK(it.field("beetph", "pad_length") == "4 @2+1");
  CHECK(it.field("beetph", "options") == "9404000001010101 @8+8");
  CHECK(it.brief("beetph") == "BEET pseudo header");
  CHECK(it.findings().empty());
}

TEST_CASE("beetph: without padding four bytes of options fit, whatever the reserved byte") {
  CHECK(dissect_hex("3b000002 94040000", as_protocol(94)).field("beetph", "options") == "94040000 @4+4");
}

TEST_CASE("beetph: padding longer than the header, odd and too many options are malformed") {
  CHECK(dissect_hex("3b000400 01010101", as_protocol(94)).findings().empty());
  CHECK(dissect_hex("3b000500 01010101", as_protocol(94)).layer("beetph").malformed);
  CHECK(dissect_hex("3b000300 01010101", as_protocol(94)).layer("beetph").malformed);
  CHECK(dissect_hex("3b050400" + std::string(88, '1'), as_protocol(94)).findings().empty());
  CHECK(dissect_hex("3b050000" + std::string(88, '1'), as_protocol(94)).layer("beetph").malformed);
}

TEST_CASE("beetph: a length behind the packet's end is a shortfall") {
  CHECK(dissect_hex("3b000000 010101", as_protocol(94)).names().empty());
}
