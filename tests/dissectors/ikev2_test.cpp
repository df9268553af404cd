#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim port_500{Space::udp_port, 500};
const std::string spis = "1111111111111111 2222222222222222";
}  // namespace

TEST_CASE("ikev2: all header fields are named") {
  const auto it = dissect_hex(spis + "2e 20 23 08 00000001 0000001e aabb cc", port_500);
  CHECK(it.names() == "ikev2");
  CHECK(it.field("ikev2", "initiator_spi") == "0x1111111111111111 @0+8");
  CHECK(it.field("ikev2", "responder_spi") == "0x2222222222222222 @8+8");
  CHECK(it.field("ikev2", "next_payload") == "46 @16+1");
  CHECK(it.field("ikev2", "major_version") == "2 @17+1");
  CHECK(it.field("ikev2", "exchange") == "35 (IKE_AUTH) @18+1");
  CHECK(it.field("ikev2", "initiator") == "set @19+1");
  CHECK(it.field("ikev2", "response") == "not set @19+1");
  CHECK(it.field("ikev2", "message_id") == "1 @20+4");
  CHECK(it.field("ikev2", "length") == "30 @24+4");
  CHECK(it.layer("ikev2").payload.size() == 2);
}

TEST_CASE("ikev2: the one-liner names exchange, direction and number") {
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 0000001c", port_500).brief("ikev2") == "IKE_AUTH request 1");
  CHECK(dissect_hex(spis + "2e 20 25 20 00000002 0000001c", port_500).brief("ikev2") == "INFORMATIONAL response 2");
  CHECK(dissect_hex(spis + "2e 20 f0 20 00000002 0000001c", port_500).brief("ikev2") == "IKE exchange 240 response 2");
}

TEST_CASE("ikev2: version 1 is recognised") {
  const auto it = dissect_hex(spis + "01 10 02 01 00000000 0000001c", port_500);
  CHECK(it.brief("ikev2") == "IKEv1 main mode");
  CHECK(it.field("ikev2", "encrypted") == "set @19+1");
  CHECK(it.findings().empty());
}

TEST_CASE("ikev2: each way to be malformed is told") {
  CHECK(dissect_hex(spis + "2e 30 23 08 00000001 0000001c", port_500).findings() ==
        "packet.malformed: IKE at byte 17: version is 3, not 1 or 2");
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 0000001b", port_500).findings() ==
        "packet.malformed: IKE at byte 24: length is 27, less than the header's 28");
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 0000001d", port_500).findings() ==
        "packet.malformed: IKE: its length field promises 1 bytes from byte 28, 0 are there");
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 ffffffff", port_500).layer("ikev2").malformed);
}

TEST_CASE("ikev2: 27 bytes are no header") {
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 000000", port_500).names().empty());
}
