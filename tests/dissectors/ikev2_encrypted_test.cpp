#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
constexpr Claim encrypted{Space::ike_payload, 46}, fragment{Space::ike_payload, 53};
}  // namespace

TEST_CASE("ikev2_encrypted: what is behind the generic header is sealed") {
  const auto it = dissect_hex("2380000c 0102030405060708", encrypted);
  CHECK(it.names() == "ikev2_encrypted");
  CHECK(it.end.kind == Step::Kind::sealed);
  CHECK(it.layer("ikev2_encrypted").payload.size() == 8);
  CHECK(it.tree("ikev2_encrypted") ==
        "next_payload 35 (Identification - Initiator) @0+1\n"
        "critical set @1+1\n"
        "length 12 @2+2\n");
  CHECK(it.brief("ikev2_encrypted") == "SK");
}

TEST_CASE("ikev2_encrypted: a fragment has a number and a total too") {
  const auto it = dissect_hex("2300000b 00020003 010203", fragment);
  CHECK(it.end.kind == Step::Kind::sealed);
  CHECK(it.layer("ikev2_encrypted").payload.size() == 3);
  CHECK(it.field("ikev2_encrypted", "fragment_number") == "2 @4+2");
  CHECK(it.field("ikev2_encrypted", "total_fragments") == "3 @6+2");
  CHECK(it.brief("ikev2_encrypted") == "SKF 2/3");
}

TEST_CASE("ikev2_encrypted: it stands behind payloads in the clear") {
  const auto it = dissect_hex(ike_hex(41, ike_payload_hex(46, "00004006 aa") + ike_payload_hex(40, "0011")),
                              {Space::udp_port, 500});
  CHECK(it.names() == "ikev2 ikev2_payloads ikev2_encrypted");
  CHECK(it.end.kind == Step::Kind::sealed);
  CHECK(it.layer("ikev2_payloads").header.size() == 9);
  CHECK(it.findings().empty());
}

TEST_CASE("ikev2_encrypted: a body of nothing is a header still") {
  CHECK(dissect_hex("00000004", encrypted).findings().empty());
  CHECK(dissect_hex("00000008 00010001", fragment).findings().empty());
}

TEST_CASE("ikev2_encrypted: each way to be malformed is told") {
  CHECK(dissect_hex("23000003", encrypted).findings() ==
        "ike.malformed: IKE encrypted payload at byte 2: length is 3, less than the header's 4");
  CHECK(dissect_hex("23000007 00010001", fragment).findings() ==
        "ike.malformed: IKE encrypted payload at byte 2: length is 7, less than the header's 8");
  CHECK(dissect_hex("23000008 00000001", fragment).findings() ==
        "ike.malformed: IKE encrypted payload at byte 4: it is fragment 0 of 1");
  CHECK(dissect_hex("23000008 00040003", fragment).findings() ==
        "ike.malformed: IKE encrypted payload at byte 4: it is fragment 4 of 3");
  CHECK(dissect_hex("23000006 0102 03", encrypted).findings() ==
        "ike.malformed: IKE encrypted payload at byte 6: 1 bytes stand behind it");
  CHECK(dissect_hex("23000006 01", encrypted).findings() ==
        "ike.malformed: IKE encrypted payload: its length field promises 2 bytes from byte 4, 1 are there");
  CHECK(dissect_hex("230000", encrypted).findings() ==
        "ike.malformed: IKE encrypted payload: 2 bytes needed at byte 2, the packet has 1");
}

TEST_CASE("ikev2_encrypted: nothing malformed is opened") {
  for (const char* bad : {"23000003", "23000006 0102 03", "23000006 01"})
    CHECK(dissect_hex(bad, encrypted).end.kind == Step::Kind::end);
}

TEST_CASE("ikev2_encrypted: the snap length may cut it") {
  const auto it = dissect_hex("23000010 0102", encrypted, 16);
  CHECK(it.findings().empty());
  CHECK(it.layer("ikev2_encrypted").cut());
  CHECK(dissect_hex("2300", encrypted, 16).findings() ==
        "capture.truncated: IKE encrypted payload: 2 bytes needed at byte 2, 0 captured");
}
