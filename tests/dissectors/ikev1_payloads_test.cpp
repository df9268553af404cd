#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr Claim first(std::uint32_t type) { return {Space::ikev1_payload, type}; }

Dissected alone(int type, const std::string& body) {
  return dissect_hex(ike_payload_hex(0, body), first(static_cast<std::uint32_t>(type)));
}
std::string fields(int type, const std::string& body) {
  const std::string tree = alone(type, body).tree("ikev1_payloads");
  return tree.substr(tree.find('\n', tree.find("  length ")) + 1);
}
std::string heading(int type, const std::string& body) {
  const std::string tree = alone(type, body).tree("ikev1_payloads");
  return tree.substr(0, tree.find(" @"));
}

}  // namespace

TEST_CASE("ikev1_payloads: all payloads in the clear are one layer, each a group of fields") {
  const auto it = dissect_hex(ike_payload_hex(13, "0102") + ike_payload_hex(0, "09002689dfd6b712"), first(4));
  CHECK(it.names() == "ikev1_payloads");
  CHECK(it.findings().empty());
  CHECK(it.tree("ikev1_payloads") ==
        "ke Key Exchange @0+6\n"
        "  next_payload 13 (Vendor ID) @0+1\n"
        "  length 6 @2+2\n"
        "  data 0102 @4+2\n"
        "vendor_id XAUTH @6+12\n"
        "  next_payload 0 @6+1\n"
        "  length 12 @8+2\n"
        "  vendor_id 09002689dfd6b712 @10+8\n");
  CHECK(it.brief("ikev1_payloads") == "KE V");
}

TEST_CASE("ikev1_payloads: every type leads here") {
  for (std::uint32_t type = 1; type < 256; ++type)
    CHECK(dissect_hex("00000004", first(type)).names() == "ikev1_payloads");
}

TEST_CASE("ikev1_payloads: proposals of phase 1 show names of attributes and their values") {
  CHECK(fields(1,
               "00000001 00000001 0000002c 01010001 00000024 01010000"
               "80010007 800e0100 80020004 80030001 8004000e 000c0004 00000e10") ==
        "  doi 1 @4+4\n"
        "  situation 0x00000001 @8+4\n"
        "  proposal ISAKMP @12+44\n"
        "    number 1 @16+1\n"
        "    protocol 1 (ISAKMP) @17+1\n"
        "    transforms 1 @19+1\n"
        "    transform KEY_IKE @20+36\n"
        "      number 1 @24+1\n"
        "      id 1 (KEY_IKE) @25+1\n"
        "      attribute Encryption Algorithm @28+4\n"
        "        type 1 (Encryption Algorithm) @28+2\n"
        "        value 7 (AES-CBC) @30+2\n"
        "      attribute Key Length @32+4\n"
        "        type 14 (Key Length) @32+2\n"
        "        value 256 @34+2\n"
        "      attribute Hash Algorithm @36+4\n"
        "        type 2 (Hash Algorithm) @36+2\n"
        "        value 4 (SHA2-256) @38+2\n"
        "      attribute Authentication Method @40+4\n"
        "        type 3 (Authentication Method) @40+2\n"
        "        value 1 (pre-shared key) @42+2\n"
        "      attribute Group Description @44+4\n"
        "        type 4 (Group Description) @44+2\n"
        "        value 14 (2048-bit MODP Group) @46+2\n"
        "      attribute Life Duration @48+8\n"
        "        type 12 (Life Duration) @48+2\n"
        "        value 3600 @52+4\n");
}

TEST_CASE("ikev1_payloads: proposals of phase 2 have SPIs and attributes of their own") {
  const std::string tree = fields(1, "00000001 00000001 00000018 01030401 c1234567 0000000c 010c0000 80040001");
  CHECK(tree.find("    spi 0xc1234567 @20+4\n") != std::string::npos);
  CHECK(tree.find("    transform ESP_AES-CBC @24+12\n") != std::string::npos);
  CHECK(tree.find("        value 1 (Tunnel) @34+2\n") != std::string::npos);
}

TEST_CASE("ikev1_payloads: what does not fit inside a proposal is shown as bytes") {
  CHECK(fields(1, "0000") == "  data 0000 @4+2\n");
  CHECK(fields(1, "00000001 00000001 00000009 01010001") ==
        "  doi 1 @4+4\n"
        "  situation 0x00000001 @8+4\n"
        "  unread 0000000901010001 @12+8\n");
  const std::string tree = fields(1, "00000001 00000001 00000014 01010001 0000000c 01010000 00010009");
  CHECK(tree.find("      unread 00010009 @28+4\n") != std::string::npos);
}

TEST_CASE("ikev1_payloads: identities may be subnets and ranges") {
  CHECK(fields(5, "01 11 01f4 0a010203") ==
        "  id_type 1 (ID_IPV4_ADDR) @4+1\n"
        "  protocol 17 (UDP) @5+1\n"
        "  port 500 @6+2\n"
        "  identity 10.1.2.3 @8+4\n");
  CHECK(fields(5, "04 00 0000 0a010000 ffff0000").find("identity 10.1.0.0/255.255.0.0 @8+8") != std::string::npos);
  CHECK(fields(5, "07 00 0000 0a010000 0a010009").find("identity 10.1.0.0-10.1.0.9 @8+8") != std::string::npos);
  CHECK(fields(5, "04 00 0000 0a0100").find("identity 0a0100 @8+3") != std::string::npos);
  CHECK(fields(5, "0400") == "  data 0400 @4+2\n");
}

TEST_CASE("ikev1_payloads: notifications and deletions are opened") {
  CHECK(fields(11, "00000001 03 04 000e c1234567 aabb") ==
        "  doi 1 @4+4\n"
        "  protocol 3 (ESP) @8+1\n"
        "  spi_size 4 @9+1\n"
        "  type 14 (NO-PROPOSAL-CHOSEN) @10+2\n"
        "  spi 0xc1234567 @12+4\n"
        "  data aabb @16+2\n");
  CHECK(heading(11, "00000001 01 00 8d28") == "notification R-U-THERE");
  CHECK(fields(12, "00000001 03 04 0002 c1234567 c1234568") ==
        "  doi 1 @4+4\n"
        "  protocol 3 (ESP) @8+1\n"
        "  spi_size 4 @9+1\n"
        "  spi_count 2 @10+2\n"
        "  spi 0xc1234567 @12+4\n"
        "  spi 0xc1234568 @16+4\n");
  // Two are promised, and one is there.
  CHECK(fields(12, "00000001 03 04 0002 c1234567").find("c1234567") != std::string::npos);
  CHECK(fields(12, "00000001 03 00 ffff").find("  spi ") == std::string::npos);
  CHECK(fields(11, "0000") == "  data 0000 @4+2\n");
  CHECK(fields(12, "0000") == "  data 0000 @4+2\n");
}

TEST_CASE("ikev1_payloads: NAT detection, original addresses and fragments are opened") {
  CHECK(fields(20, "aabb") == "  hash aabb @4+2\n");
  CHECK(fields(130, "aabb") == "  hash aabb @4+2\n");
  CHECK(fields(21, "01000000 0a010203") == "  id_type 1 (ID_IPV4_ADDR) @4+1\n  address 10.1.2.3 @8+4\n");
  CHECK(fields(21, "01000000 0a01") == "  id_type 1 (ID_IPV4_ADDR) @4+1\n  data 0a01 @8+2\n");
  CHECK(fields(132, "0001 02 01 aabb") ==
        "  fragment_id 1 @4+2\n"
        "  fragment_number 2 @6+1\n"
        "  last set @7+1\n"
        "  data aabb @8+2\n");
}

TEST_CASE("ikev1_payloads: certificates are opened, and requests name authorities") {
  std::string der;
  for (const std::uint8_t byte : read_file(testdata("certificates/ec.der"))) der += fmt::format("{:02x}", byte);
  CHECK(fields(6, "04" + der).find("    subject C=CH, O=Lab\\, Inc, CN=g1 @5+519\n") != std::string::npos);
  CHECK(fields(6, "04 00").find("  certificate 00 @5+1\n") != std::string::npos);
  CHECK(fields(7, "04 300d310b300906035504061302 4348").find("  authority C=CH @5+15\n") != std::string::npos);
  CHECK(fields(7, "04") == "  encoding 4 (X.509 Certificate - Signature) @4+1\n");
}

TEST_CASE("ikev1_payloads: what is encrypted or unknown is shown as bytes") {
  CHECK(fields(8, "aabb") == "  data aabb @4+2\n");
  CHECK(heading(8, "aabb") == "hash Hash");
  CHECK(heading(99, "aabb") == "payload 99");
}

TEST_CASE("ikev1_payloads: a chain that breaks is malformed there, and padding behind it is let pass") {
  CHECK(dissect_hex(ike_payload_hex(13, "0102") + "00000003", first(4)).findings() ==
        "ike.malformed: IKEv1 payloads at byte 6: payload of type 13 has length 3, less than its header's 4");
  CHECK(dissect_hex(ike_payload_hex(13, "0102") + "00000005", first(4)).findings() ==
        "ike.malformed: IKEv1 payloads at byte 6: payload of type 13 has length 5, 4 bytes are there");
  const auto it = dissect_hex(ike_payload_hex(0, "0102") + "0000", first(4));
  CHECK(it.findings().empty());
  CHECK(it.layer("ikev1_payloads").payload.size() == 2);
}

TEST_CASE("ikev1_payloads: where the snap length cuts, the payloads before the cut are shown") {
  const auto it = dissect_hex(ike_payload_hex(13, "0102") + "00000014 00", first(4), 26);
  CHECK(it.findings().empty());
  CHECK(it.layer("ikev1_payloads").cut());
  CHECK(it.brief("ikev1_payloads") == "KE");
}
