#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr Claim first(std::uint32_t type) { return {Space::ike_payload, type}; }

// One payload alone, and its fields below the generic header's.
Dissected alone(int type, const std::string& body) {
  return dissect_hex(ike_payload_hex(0, body), first(static_cast<std::uint32_t>(type)));
}
std::string fields(int type, const std::string& body) {
  const std::string tree = alone(type, body).tree("ikev2_payloads");
  const std::size_t length = tree.find("  length ");
  return tree.substr(tree.find('\n', length) + 1);
}
std::string heading(int type, const std::string& body) {
  const std::string tree = alone(type, body).tree("ikev2_payloads");
  return tree.substr(0, tree.find(" @"));
}
std::string notify(int type, const std::string& data) {
  const std::string tree = fields(41, fmt::format("0000{:04x}", type) + data);
  return tree.substr(tree.find('\n', tree.find("  type ")) + 1);
}
// "findings" without what all of them begin with.
std::string problem(int type, const std::string& body) {
  const std::string text = alone(type, body).findings();
  const std::string begin = "ike.malformed: IKE payloads at byte 0: ";
  return text.compare(0, begin.size(), begin) == 0 ? text.substr(begin.size()) : text;
}

std::string hex_of(std::string_view text) {
  std::string out;
  for (const char c : text) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::string der(const std::string& name) {
  std::string out;
  for (const std::uint8_t byte : read_file(testdata("certificates/" + name))) out += fmt::format("{:02x}", byte);
  return out;
}

const std::string nonce = "000102030405060708090a0b0c0d0e0f";

}  // namespace

TEST_CASE("ikev2_payloads: all payloads in the clear are one layer, each a group of fields") {
  const auto it =
      dissect_hex(ike_payload_hex(43, nonce) + ike_payload_hex(0, "882fe56d6fd20dbc2251613b2ebe5beb"), first(40));
  CHECK(it.names() == "ikev2_payloads");
  CHECK(it.findings().empty());
  CHECK(it.tree("ikev2_payloads") ==
        "nonce Nonce @0+20\n"
        "  next_payload 43 (Vendor ID) @0+1\n"
        "  critical not set @1+1\n"
        "  length 20 @2+2\n"
        "  nonce 000102030405060708090a0b0c0d0e0f @4+16\n"
        "vendor_id strongSwan @20+20\n"
        "  next_payload 0 @20+1\n"
        "  critical not set @21+1\n"
        "  length 20 @22+2\n"
        "  vendor_id 882fe56d6fd20dbc2251613b2ebe5beb @24+16\n");
  CHECK(it.brief("ikev2_payloads") == "Ni V");
}

TEST_CASE("ikev2_payloads: every type but the encrypted ones leads here") {
  for (std::uint32_t type = 1; type < 256; ++type) {
    const auto it = dissect_hex("00000004", first(type));
    CHECK(it.names() == (type == 46 || type == 53 ? (type == 46 ? "ikev2_encrypted" : "") : "ikev2_payloads"));
  }
}

TEST_CASE("ikev2_payloads: proposals show their transforms in all three tongues") {
  CHECK(fields(33, "00000028 01030403 c1234567 0300000c 01000014 800e0100 03000008 0400001f 00000008 05000000") ==
        "  proposal AES_GCM_16_256/CURVE_25519/NO_EXT_SEQ @4+40\n"
        "    number 1 @8+1\n"
        "    protocol 3 (ESP) @9+1\n"
        "    spi 0xc1234567 @12+4\n"
        "    swanctl aes256gcm16-curve25519-noesn @0+0\n"
        "    transform AES_GCM_16_256 @16+12\n"
        "      type 1 (Encryption Algorithm (ENCR)) @20+1\n"
        "      id 20 (ENCR_AES_GCM_16) @22+2\n"
        "      key_length 256 @24+4\n"
        "      swanctl aes256gcm16 @0+0\n"
        "    transform CURVE_25519 @28+8\n"
        "      type 4 (Key Exchange Method (KE)) @32+1\n"
        "      id 31 (Curve25519) @34+2\n"
        "      swanctl curve25519 @0+0\n"
        "    transform NO_EXT_SEQ @36+8\n"
        "      type 5 (Sequence Numbers (SN)) @40+1\n"
        "      id 0 (32-bit Sequential Numbers) @42+2\n"
        "      swanctl noesn @0+0\n");
}

TEST_CASE("ikev2_payloads: a key exchange names its method") {
  CHECK(fields(34, "00230000 aabb") ==
        "  method 35 (ml-kem-512) @4+2\n"
        "  data_length 2 @0+0\n"
        "  data aabb @8+2\n");
}

TEST_CASE("ikev2_payloads: identities are shown as text") {
  CHECK(fields(35, "02000000" + hex_of("g1.lab.example")) ==
        "  id_type 2 (ID_FQDN) @4+1\n"
        "  identity g1.lab.example @8+14\n");
  CHECK(fields(36, "01000000 0a010203").find("identity 10.1.2.3 @8+4") != std::string::npos);
  CHECK(heading(36, "01000000 0a010203") == "idr Identification - Responder");
}

TEST_CASE("ikev2_payloads: a certificate is opened") {
  CHECK(fields(37, "04" + der("rsa.der")) ==
        "  encoding 4 (X.509 Certificate - Signature) @4+1\n"
        "  certificate X.509, 510 bytes @5+510\n"
        "    subject C=CH, emailAddress=x@lab.example, CN=g\\xc3\\xa92 @5+510\n"
        "    issuer C=CH, O=Lab\\, Inc, CN=g1 @5+510\n"
        "    serial 02 @5+510\n"
        "    not_before 2026-11-28 13:47:38 UTC @5+510\n"
        "    not_after 2036-11-25 13:47:38 UTC @5+510\n"
        "    subject_alt_name DNS:g2.lab.example @5+510\n"
        "    public_key RSA, 1024 bits @5+510\n"
        "    signature ecdsa-with-SHA256 @5+510\n"
        "    self_issued not set @0+0\n");
}

TEST_CASE("ikev2_payloads: a certificate that is none is shown as bytes, and so are other encodings") {
  CHECK(fields(37, "04 3000") ==
        "  encoding 4 (X.509 Certificate - Signature) @4+1\n"
        "  certificate 3000 @5+2\n");
  CHECK(fields(37, "0b 3000") ==
        "  encoding 11 (Raw RSA Key) @4+1\n"
        "  data 3000 @5+2\n");
  CHECK(fields(37, "0c" + nonce + "10111213" + hex_of("http://x/c")) ==
        "  encoding 12 (Hash and URL of X.509 certificate) @4+1\n"
        "  hash " +
            nonce +
            "10111213 @5+20\n"
            "  url http://x/c @25+10\n");
}

TEST_CASE("ikev2_payloads: a certificate request lists the hashes of authorities") {
  const std::string hash = nonce + "10111213";
  CHECK(fields(38, "04" + hash + hash) ==
        "  encoding 4 (X.509 Certificate - Signature) @4+1\n"
        "  authorities 2 @0+0\n"
        "  authority " +
            hash +
            " @5+20\n"
            "  authority " +
            hash + " @25+20\n");
  CHECK(fields(38, "04 aabb").find("authority aabb @5+2") != std::string::npos);
}

TEST_CASE("ikev2_payloads: authentication names the method, and the algorithm of a digital signature") {
  CHECK(fields(39, "02000000 aabb") ==
        "  method 2 (Shared Key Message Integrity Code) @4+1\n"
        "  data aabb @8+2\n");
  CHECK(fields(39, "0e000000 0c 300a06082a8648ce3d040302 aabb") ==
        "  method 14 (Digital Signature) @4+1\n"
        "  algorithm ecdsa-with-SHA256 @9+12\n"
        "  signature aabb @21+2\n");
  for (const char* broken : {"0e000000", "0e000000 0c 300a", "0e000000 02 3000"})
    CHECK(fields(39, broken).find("algorithm") == std::string::npos);
}

TEST_CASE("ikev2_payloads: a notification says what its data mean") {
  CHECK(fields(41, "03 04 4009 c1234567") ==
        "  protocol 3 (ESP) @4+1\n"
        "  spi_size 4 @5+1\n"
        "  type 16393 (REKEY_SA) @6+2\n"
        "  spi 0xc1234567 @8+4\n");
  CHECK(heading(41, "0000 4009") == "notify REKEY_SA");
  CHECK(heading(41, "0000 fde8") == "notify Notify");
  CHECK(notify(1, "99") == "  payload_type 153 @8+1\n");
  CHECK(notify(9, "00000007") == "  message_id 7 @8+4\n");
  CHECK(notify(11, "c1234567") == "  invalid_spi 0xc1234567 @8+4\n");
  CHECK(notify(17, "0014") == "  wanted_method 20 (384-bit random ECP group) @8+2\n");
  CHECK(notify(16385, "00000004") == "  window_size 4 @8+4\n");
  CHECK(notify(16387, "abcd02") == "  cpi 0xabcd @8+2\n  transform 2 (IPCOMP_DEFLATE) @10+1\n");
  CHECK(notify(16388, nonce + "10111213") == "  hash " + nonce + "10111213 @8+20\n");
  CHECK(notify(16390, "aabb") == "  cookie aabb @8+2\n");
  CHECK(notify(16397, "0a010203") == "  address 10.1.2.3 @8+4\n");
  CHECK(notify(16398, "20010db8000000000000000000000001") == "  address 2001:db8::1 @8+16\n");
  CHECK(notify(16403, "00000e10") == "  lifetime 3600 (seconds) @8+4\n");
  CHECK(notify(16409, "00000e10 aabb") == "  lifetime 3600 (seconds) @8+4\n  ticket aabb @12+2\n");
  CHECK(notify(16422, "aabbccdd 00000001 00000002") ==
        "  nonce aabbccdd @8+4\n  expected_send_id 1 @12+4\n  expected_receive_id 2 @16+4\n");
  CHECK(notify(16424, "0001 0009") == "  method 1 (PACE) @8+2\n  method 9 @10+2\n");
  CHECK(notify(16431, "0002 0005 0400") ==
        "  hash_algorithm 2 (SHA2-256) @8+2\n  hash_algorithm 5 (Identity) @10+2\n  hash_algorithm 1024 @12+2\n");
  CHECK(notify(16436, "02" + hex_of("key-1")) == "  ppk_id_type 2 (PPK_ID_FIXED) @8+1\n  ppk_id key-1 @9+5\n");
  CHECK(notify(16436, "01 00ff") == "  ppk_id_type 1 (PPK_ID_OPAQUE) @8+1\n  ppk_id 00ff @9+2\n");
  CHECK(notify(16441, "aabb") == "  link aabb @8+2\n");
  CHECK(notify(16442, "01") == "  flags 0x01 @8+1\n  congestion_control not set @8+1\n  dont_fragment set @8+1\n");
  CHECK(notify(16384, "") == "");
  CHECK(notify(60000, "aabb") == "  data aabb @8+2\n");
}

TEST_CASE("ikev2_payloads: a redirection names the gateway and may have a nonce") {
  CHECK(notify(16407, "01 04 0a010203 aabb") ==
        "  gw_ident_type 1 (IPv4) @8+1\n  gateway 10.1.2.3 @10+4\n  nonce aabb @14+2\n");
  CHECK(notify(16407, "03 02" + hex_of("g2")) == "  gw_ident_type 3 (FQDN) @8+1\n  gateway g2 @10+2\n");
  CHECK(notify(16408, "02 10 20010db8000000000000000000000001") ==
        "  gw_ident_type 2 (IPv6) @8+1\n  gateway 2001:db8::1 @10+16\n");
  CHECK(notify(16407, "01 ff 0a01") == "  gw_ident_type 1 (IPv4) @8+1\n  gateway 0a01 @10+2\n");
}

TEST_CASE("ikev2_payloads: data that are not as long as their type wants are shown as bytes") {
  CHECK(notify(17, "14") == "  data 14 @8+1\n");
  CHECK(notify(16385, "000004") == "  data 000004 @8+3\n");
  CHECK(notify(16397, "0a0102") == "  data 0a0102 @8+3\n");
  CHECK(notify(16431, "00") == "  data 00 @8+1\n");
  CHECK(notify(16407, "01") == "  data 01 @8+1\n");
}

TEST_CASE("ikev2_payloads: a deletion lists its SPIs") {
  CHECK(fields(42, "03 04 0002 c1234567 c1234568") ==
        "  protocol 3 (ESP) @4+1\n"
        "  spi_size 4 @5+1\n"
        "  spi_count 2 @6+2\n"
        "  spi 0xc1234567 @8+4\n"
        "  spi 0xc1234568 @12+4\n");
  CHECK(fields(42, "01 00 0000") ==
        "  protocol 1 (IKE) @4+1\n"
        "  spi_size 0 @5+1\n"
        "  spi_count 0 @6+2\n");
}

TEST_CASE("ikev2_payloads: a vendor ID that can be read is shown as text") {
  CHECK(fields(43, hex_of("FLEXVPN-SUPPORTED")) == "  vendor_id FLEXVPN-SUPPORTED @4+17\n");
  CHECK(heading(43, hex_of("FLEXVPN-SUPPORTED")) == "vendor_id Cisco FlexVPN Supported");
  CHECK(heading(43, "aabb") == "vendor_id Vendor ID");
}

TEST_CASE("ikev2_payloads: traffic selectors show ranges and what they come to") {
  CHECK(fields(44, "02000000 07060010 00500050 0a010000 0a0100ff 0a000008 6c616231") ==
        "  selectors 2 @4+1\n"
        "  selector 10.1.0.0/24[tcp/80] @8+16\n"
        "    type 7 (TS_IPV4_ADDR_RANGE) @8+1\n"
        "    protocol 6 (TCP) @9+1\n"
        "    start_port 80 @12+2\n"
        "    end_port 80 @14+2\n"
        "    start_address 10.1.0.0 @16+4\n"
        "    end_address 10.1.0.255 @20+4\n"
        "  selector TS type 10 @24+8\n"
        "    type 10 (TS_SECLABEL) @24+1\n"
        "    label lab1 @28+4\n");
  CHECK(fields(45, "01000000 07000010 0000ffff 00000000 ffffffff").find("protocol 0 (any) @9+1") != std::string::npos);
  CHECK(fields(45, "01000000 09000006 0001").find("data 0001 @12+2") != std::string::npos);
}

TEST_CASE("ikev2_payloads: configuration attributes are shown as what they are") {
  const auto value = [](int type, const std::string& hex) {
    const std::string tree = fields(47, fmt::format("02000000 {:04x} {:04x}", type, unhex(hex).size()) + hex);
    return tree.substr(tree.find('\n', tree.find("    length ")) + 1);
  };
  CHECK(fields(47, "01000000 0001 0000") ==
        "  cfg_type 1 (CFG_REQUEST) @4+1\n"
        "  attribute INTERNAL_IP4_ADDRESS @8+4\n"
        "    type 1 (INTERNAL_IP4_ADDRESS) @8+2\n"
        "    length 0 @10+2\n");
  CHECK(value(1, "0a010203") == "    value 10.1.2.3 @12+4\n");
  CHECK(value(8, "20010db8000000000000000000000001 40") == "    value 2001:db8::1/64 @12+17\n");
  CHECK(value(8, "20010db8000000000000000000000001") == "    value 2001:db8::1 @12+16\n");
  CHECK(value(13, "0a010000 ffff0000") == "    value 10.1.0.0/255.255.0.0 @12+8\n");
  CHECK(value(15, "20010db8000000000000000000000000 20") == "    value 2001:db8::/32 @12+17\n");
  CHECK(value(7, hex_of("strongSwan 6.0")) == "    value strongSwan 6.0 @12+14\n");
  CHECK(value(14, "0001 8003 7000") ==
        "    supported 1 (INTERNAL_IP4_ADDRESS) @12+2\n"
        "    supported 3 (INTERNAL_IP4_DNS) @14+2\n"
        "    supported 28672 (UNITY_BANNER) @16+2\n");
  CHECK(value(24, "0000003c") == "    value 60 (seconds) @12+4\n");
  CHECK(value(25, hex_of("lab.example")) == "    value lab.example @12+11\n");
  CHECK(value(1, "0a01") == "    value 0a01 @12+2\n");
  CHECK(value(13, "0a01") == "    value 0a01 @12+2\n");
  CHECK(value(999, "0a01") == "    value 0a01 @12+2\n");
}

TEST_CASE("ikev2_payloads: EAP is opened as far as its types are known") {
  CHECK(fields(48, "01 2a 0005 01") ==
        "  code 1 (Request) @4+1\n"
        "  identifier 42 @5+1\n"
        "  eap_length 5 @6+2\n"
        "  type 1 (Identity) @8+1\n");
  CHECK(fields(48, "02 2a 000a 01" + hex_of("carol")).find("  identity carol @9+5\n") != std::string::npos);
  CHECK(fields(48, "02 2a 0007 03 1a 0d")
            .find("  desired_type 26 (EAP-MSCHAPv2) @9+1\n  desired_type 13 (EAP-TLS) @10+1\n") != std::string::npos);
  CHECK(fields(48, "01 2a 0007 0d 20aa").find("  data 20aa @9+2\n") != std::string::npos);
  CHECK(fields(48, "03 2a 0004") ==
        "  code 3 (Success) @4+1\n"
        "  identifier 42 @5+1\n"
        "  eap_length 4 @6+2\n");
}

TEST_CASE("ikev2_payloads: MSCHAPv2 in EAP shows who answers what") {
  const auto inside = [](const std::string& data) {
    const std::string tree = fields(48, fmt::format("01 2a {:04x} 1a", 5 + unhex(data).size()) + data);
    return tree.substr(tree.find('\n', tree.find("EAP-MSCHAPv2")) + 1);
  };
  CHECK(inside("01 2a 0017 10" + nonce + hex_of("g2")) ==
        "  operation 1 (Challenge) @9+1\n"
        "  ms_chapv2_id 42 @10+1\n"
        "  challenge " +
            nonce +
            " @14+16\n"
            "  name g2 @30+2\n");
  CHECK(inside("02 2a 000a 03 010203" + hex_of("me")) ==
        "  operation 2 (Response) @9+1\n"
        "  ms_chapv2_id 42 @10+1\n"
        "  response 010203 @14+3\n"
        "  name me @17+2\n");
  CHECK(inside("03 2a 0006" + hex_of("S=")) ==
        "  operation 3 (Success) @9+1\n"
        "  ms_chapv2_id 42 @10+1\n"
        "  message S= @13+2\n");
  CHECK(inside("03") == "  operation 3 (Success) @9+1\n");
  CHECK(inside("01 2a 0005 ff 01") ==
        "  operation 1 (Challenge) @9+1\n"
        "  ms_chapv2_id 42 @10+1\n"
        "  challenge 01 @14+1\n");
}

TEST_CASE("ikev2_payloads: what nobody knows is shown as bytes") {
  CHECK(heading(200, "aabb") == "payload 200");
  CHECK(fields(200, "aabb") == "  data aabb @4+2\n");
  CHECK(heading(54, "") == "payload Puzzle Solution");
}

TEST_CASE("ikev2_payloads: a chain that breaks is malformed there") {
  CHECK(dissect_hex(ike_payload_hex(40, "00004006") + "00000003", first(41)).findings() ==
        "ike.malformed: IKE payloads at byte 8: payload of type 40 has length 3, less than its header's 4");
  CHECK(dissect_hex(ike_payload_hex(40, "00004006") + "0000ffff", first(41)).findings() ==
        "ike.malformed: IKE payloads at byte 8: payload of type 40 has length 65535, 4 bytes are there");
  CHECK(dissect_hex(ike_payload_hex(40, "00004006"), first(41)).findings() ==
        "ike.malformed: IKE payloads at byte 8: payload of type 40: its header needs 4 bytes, 0 are there");
  CHECK(dissect_hex(ike_payload_hex(0, "00004006") + "00", first(41)).findings() ==
        "ike.malformed: IKE payloads at byte 8: 1 bytes stand behind the last payload");
  const auto it = dissect_hex(ike_payload_hex(40, "00004006") + "00000003", first(41));
  CHECK(it.layer("ikev2_payloads").malformed);
  CHECK(it.brief("ikev2_payloads") == "N(COOKIE)");
}

TEST_CASE("ikev2_payloads: a body that does not fit is malformed") {
  CHECK(problem(33, "00000010 01010001 00000007 05000000") ==
        "Security Association payload: a transform has length 7, 8 bytes are there");
  CHECK(problem(33, "") == "Security Association payload: there is no proposal");
  CHECK(problem(40, "00") == "Nonce payload: it has 1 bytes, not 16 to 256");
  CHECK(problem(40, std::string(514, '0')) == "Nonce payload: it has 257 bytes, not 16 to 256");
  CHECK(problem(40, std::string(512, '0')) == "");
  const std::string short_body = " payload: it is too short, or a length in it lies";
  CHECK(problem(34, "001f00") == "Key Exchange" + short_body);
  CHECK(problem(35, "010000") == "Identification - Initiator" + short_body);
  CHECK(problem(36, "010000") == "Identification - Responder" + short_body);
  CHECK(problem(37, "") == "Certificate" + short_body);
  CHECK(problem(38, "") == "Certificate Request" + short_body);
  CHECK(problem(39, "020000") == "Authentication" + short_body);
  CHECK(problem(41, "03044009 c12345") == "Notify" + short_body);
  CHECK(problem(42, "03040002 c1234567") == "Delete" + short_body);
  CHECK(problem(44, "01000000") == "Traffic Selector - Initiator" + short_body);
  CHECK(problem(45, "01000000") == "Traffic Selector - Responder" + short_body);
  CHECK(problem(47, "01000000 0001 0001") == "Configuration" + short_body);
  CHECK(problem(48, "01010004") == "Extensible Authentication" + short_body);
}

TEST_CASE("ikev2_payloads: a malformed body keeps what is encrypted behind it closed") {
  const auto it = dissect_hex(ike_payload_hex(46, "0304") + ike_payload_hex(40, "aabb"), first(41));
  CHECK(it.names() == "ikev2_payloads");
  CHECK(it.layer("ikev2_payloads").malformed);
}

TEST_CASE("ikev2_payloads: where the snap length cuts, the payloads before the cut are shown") {
  const auto it = dissect_hex(ike_payload_hex(40, "00004006") + "00000014 0001", first(41), 28);
  CHECK(it.findings().empty());
  CHECK(it.names() == "ikev2_payloads");
  CHECK(it.layer("ikev2_payloads").header.size() == 8);
  CHECK(it.layer("ikev2_payloads").cut());
  CHECK(dissect_hex(ike_payload_hex(40, "00004006") + "0000", first(41), 28).findings().empty());
  // A length that does not fit the packet either is no matter of the capture.
  CHECK(
      dissect_hex(ike_payload_hex(40, "00004006") + "00000015 0001", first(41), 28).layer("ikev2_payloads").malformed);
  CHECK(
      dissect_hex(ike_payload_hex(40, "00004006") + "00000003 0001", first(41), 28).layer("ikev2_payloads").malformed);
  CHECK(dissect_hex(ike_payload_hex(40, "00004006") + "0000", first(41), 11).layer("ikev2_payloads").malformed);
}

TEST_CASE("ikev2_payloads: where the snap length leaves no payload whole, it is said") {
  CHECK(dissect_hex("29000014 0001", first(40), 28).findings() ==
        "capture.truncated: IKE payloads: 20 bytes needed at byte 0, 6 captured");
  CHECK(dissect_hex("2900", first(40), 28).findings() ==
        "capture.truncated: IKE payloads: 4 bytes needed at byte 0, 2 captured");
}

TEST_CASE("ikev2_payloads: of thousands the first are described") {
  std::string many;
  for (int i = 0; i < 3000; ++i) many += "63000004";
  const auto it = dissect_hex(many + "00000004", first(99));
  CHECK(it.findings().empty());
  const std::string tree = it.tree("ikev2_payloads");
  CHECK(tree.size() < 256 * 200);
  CHECK(tree.find("more payloads, which are not shown") != std::string::npos);
}
