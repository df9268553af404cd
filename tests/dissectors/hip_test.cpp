#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string hits = "20010020000000000000000000000001 20010020000000000000000000000002";
// Type and length in the first four bytes.
std::string hip_hex(const std::string& head) { return head + "abcd 0001" + hits; }

}  // namespace

TEST_CASE("hip: the fixed header is named") {
  const auto it = dissect_hex(hip_hex("3b04 0121"), as_protocol(139));
  CHECK(it.names() == "hip");
  CHECK(it.field("hip", "next_header") == "59 (no next header) @0+1");
  CHECK(it.field("hip", "length") == "40 @1+1");
  CHECK(it.field("hip", "type") == "1 (I1) @2+1");
  CHECK(it.field("hip", "version") == "2 @3+1");
  CHECK(it.field("hip", "checksum") == "0xabcd @4+2");
  CHECK(it.field("hip", "controls") == "0x0001 @6+2");
  CHECK(it.field("hip", "sender_hit") == "2001:20::1 @8+16");
  CHECK(it.field("hip", "receiver_hit") == "2001:20::2 @24+16");
  CHECK(it.brief("hip") == "HIP I1");
  CHECK(it.findings().empty());
}

TEST_CASE("hip: parameters belong to the header, and what follows them is read") {
  const auto it = dissect_hex(hip_hex("3205 1021") + "0041 0004 00000000 00001000 00000001", as_protocol(139));
  CHECK(it.names() == "hip esp");
  CHECK(it.field("hip", "parameters") == "0041000400000000 @40+8");
  CHECK(it.brief("hip") == "HIP UPDATE");
}

TEST_CASE("hip: a type without a name keeps its number") {
  CHECK(dissect_hex(hip_hex("3b04 6421"), as_protocol(139)).brief("hip") == "HIP type 100");
}

TEST_CASE("hip: each way to be malformed is told") {
  CHECK(dissect_hex(hip_hex("3b03 0121"), as_protocol(139)).findings() ==
        "packet.malformed: Host Identity Protocol at byte 1: length is 32, less than the header's 40");
  for (const char* head : {"3b04 8121", "3b04 0120"})
    CHECK(dissect_hex(hip_hex(head), as_protocol(139)).findings() ==
          "packet.malformed: Host Identity Protocol at byte 2: a fixed bit is wrong");
  CHECK(dissect_hex(hip_hex("3b05 0121"), as_protocol(139)).names().empty());
}

TEST_CASE("hip: 39 bytes are no header") {
  CHECK(dissect_hex(hip_hex("3b04 0121").substr(0, hip_hex("3b04 0121").size() - 2), as_protocol(139)).names().empty());
}
