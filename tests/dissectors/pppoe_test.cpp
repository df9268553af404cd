#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim session{Space::ether_type, 0x8864};
constexpr Claim discovery{Space::ether_type, 0x8863};
}  // namespace

TEST_CASE("pppoe: a session carries PPP, as far as its length says") {
  const auto it = dissect_hex("1100 0007 0016 0021" + ipv4_hex(253, "") + "0000", session);
  CHECK(it.names() == "pppoe ppp ipv4");
  CHECK(it.field("pppoe", "version") == "1 @0+1");
  CHECK(it.field("pppoe", "code") == "0x00 (session) @1+1");
  CHECK(it.field("pppoe", "session_id") == "0x0007 @2+2");
  CHECK(it.field("pppoe", "length") == "22 @4+2");
  CHECK(it.layer("pppoe").payload.size() == 22);
  CHECK(it.findings().empty());
}

TEST_CASE("pppoe: discovery ends the chain") {
  const auto it = dissect_hex("1109 0000 0004 01010000", discovery);
  CHECK(it.names() == "pppoe");
  CHECK(it.brief("pppoe") == "PPPoE PADI 0x0000");
}

TEST_CASE("pppoe: another version is malformed") {
  CHECK(dissect_hex("2100 0007 0000", session).findings() ==
        "packet.malformed: PPP over Ethernet at byte 0: version and type are 0x21, not 0x11");
}

TEST_CASE("pppoe: a length longer than the frame is malformed") {
  CHECK(dissect_hex("1100 0007 0003 0021", session).layer("pppoe").malformed);
}

TEST_CASE("pppoe: five bytes are no header") { CHECK(dissect_hex("1100 0007 00", session).names().empty()); }
