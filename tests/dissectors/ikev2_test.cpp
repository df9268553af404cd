#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim port_500{Space::udp_port, 500};
const std::string spis = "1111111111111111 2222222222222222";
}  // namespace

TEST_CASE("ikev2: all header fields are named") {
  const auto it = dissect_hex(spis + "00 20 23 08 00000001 0000001e aabb cc", port_500);
  CHECK(it.names() == "ikev2");
  CHECK(it.tree("ikev2") ==
        "initiator_spi 0x1111111111111111 @0+8\n"
        "responder_spi 0x2222222222222222 @8+8\n"
        "next_payload 0 @16+1\n"
        "major_version 2 @17+1\n"
        "minor_version 0 @17+1\n"
        "exchange 35 (IKE_AUTH) @18+1\n"
        "flags 0x08 @19+1\n"
        "initiator set @19+1\n"
        "higher_version not set @19+1\n"
        "response not set @19+1\n"
        "message_id 1 @20+4\n"
        "length 30 @24+4\n");
  CHECK(it.layer("ikev2").payload.size() == 2);
}

TEST_CASE("ikev2: the next payload is named as its version names it") {
  CHECK(dissect_hex(ike_hex(40, ""), port_500).field("ikev2", "next_payload") == "40 (Nonce) @16+1");
  CHECK(dissect_hex(ike_hex(10, "", "10 02 00"), port_500).field("ikev2", "next_payload") == "10 (Nonce) @16+1");
  CHECK(dissect_hex(ike_hex(99, ""), port_500).field("ikev2", "next_payload") == "99 @16+1");
}

TEST_CASE("ikev2: the one-liner names exchange, direction and number") {
  CHECK(dissect_hex(spis + "00 20 23 08 00000001 0000001c", port_500).brief("ikev2") == "IKE_AUTH request 1");
  CHECK(dissect_hex(spis + "00 20 25 20 00000002 0000001c", port_500).brief("ikev2") == "INFORMATIONAL response 2");
  CHECK(dissect_hex(spis + "00 20 f0 20 00000002 0000001c", port_500).brief("ikev2") == "IKE exchange 240 response 2");
  CHECK(dissect_hex(spis + "00 10 f0 20 00000002 0000001c", port_500).brief("ikev2") == "IKEv1 exchange 240");
}

TEST_CASE("ikev2: the payloads of each version go to who reads them") {
  const std::string payload = ike_payload_hex(0, "00000000");
  CHECK(dissect_hex(ike_hex(41, payload), port_500).names() == "ikev2 ikev2_payloads");
  CHECK(dissect_hex(ike_hex(41, payload, "10 02 00"), port_500).names() == "ikev2 ikev1_payloads");
  CHECK(dissect_hex(ike_hex(46, payload), port_500).names() == "ikev2 ikev2_encrypted");
  CHECK(dissect_hex(ike_hex(0, ""), port_500).names() == "ikev2");
  CHECK(dissect_hex(ike_hex(0, "", "10 02 00"), port_500).names() == "ikev2");
}

TEST_CASE("ikev2: version 1 is recognised, and what it has encrypted is left alone") {
  const auto it = dissect_hex(ike_hex(8, "0000000000000000", "10 20 01"), port_500);
  CHECK(it.names() == "ikev2");
  CHECK(it.brief("ikev2") == "IKEv1 quick mode, encrypted");
  CHECK(it.field("ikev2", "encrypted") == "set @19+1");
  CHECK(it.layer("ikev2").payload.size() == 8);
  CHECK(it.findings().empty());
  CHECK(dissect_hex(ike_hex(8, ike_payload_hex(0, ""), "10 02 00"), port_500).brief("ikev2") == "IKEv1 main mode");
}

TEST_CASE("ikev2: each way to be malformed is told") {
  CHECK(dissect_hex(spis + "2e 30 23 08 00000001 0000001c", port_500).findings() ==
        "ike.malformed: IKE at byte 17: version is 3, not 1 or 2");
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 0000001b", port_500).findings() ==
        "ike.malformed: IKE at byte 24: length is 27, less than the header's 28");
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 0000001d", port_500).findings() ==
        "ike.malformed: IKE: its length field promises 1 bytes from byte 28, 0 are there");
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 ffffffff", port_500).layer("ikev2").malformed);
}

TEST_CASE("ikev2: 27 bytes are no header") {
  CHECK(dissect_hex(spis + "2e 20 23 08 00000001 000000", port_500).names().empty());
}
