#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("shim6: a control message is named") {
  const auto it = dissect_hex("3b01 0100 abcd 1234 0000000000000001", as_protocol(140));
  CHECK(it.names() == "shim6");
  CHECK(it.field("shim6", "next_header") == "59 (no next header) @0+1");
  CHECK(it.field("shim6", "length") == "16 @1+1");
  CHECK(it.field("shim6", "payload") == "not set @2+1");
  CHECK(it.field("shim6", "type") == "1 (I1) @2+1");
  CHECK(it.field("shim6", "checksum") == "0xabcd @4+2");
  CHECK(it.field("shim6", "data") == "12340000000000000001 @6+10");
  CHECK(it.brief("shim6") == "shim6 I1");
  CHECK(it.findings().empty());
}

TEST_CASE("shim6: the payload extension header leads on after eight bytes, whatever its length says") {
  for (const char* head : {"3200", "3207"}) {
    const auto it = dissect_hex(std::string{head} + "8123 456789ab 00001000 00000001", as_protocol(140));
    CHECK(it.names() == "shim6 esp");
    CHECK(it.field("shim6", "length") == "8 @1+1");
    CHECK(it.field("shim6", "payload") == "set @2+1");
    CHECK(it.field("shim6", "context_tag") == "0x0123456789ab @2+6");
    CHECK(it.field("shim6", "checksum") == "-");
    CHECK(it.brief("shim6") == "shim6 payload, context 0123456789ab");
  }
}

TEST_CASE("shim6: a type without a name keeps its number") {
  CHECK(dissect_hex("3b00 6300 0000 0000", as_protocol(140)).brief("shim6") == "shim6 type 99");
}

TEST_CASE("shim6: lengths behind the packet's end are shortfalls") {
  CHECK(dissect_hex("3200 8123 456789", as_protocol(140)).names().empty());
  CHECK(dissect_hex("3b01 0100 abcd 1234 00000000000000", as_protocol(140)).names().empty());
}
