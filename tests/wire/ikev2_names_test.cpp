#include <espdump/wire/ikev1_names.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::wire;
using namespace espdump::test;

namespace {

// The numbers below `limit` that have a name, as ranges.
template <typename Name>
std::string named(unsigned limit, Name name) {
  std::string out;
  for (unsigned number = 0; number < limit; ++number) {
    if (name(number).empty()) continue;
    unsigned last = number;
    while (last + 1 < limit && !name(last + 1).empty()) ++last;
    out += fmt::format("{}{}", out.empty() ? "" : " ", number);
    if (last != number) out += fmt::format("-{}", last);
    number = last;
  }
  return out;
}

std::string encryption(std::uint16_t id, std::uint16_t bits) { return swanctl_keyword({1, id, bits}); }
std::string keyword(std::uint8_t type, std::uint16_t id) { return swanctl_keyword({type, id, 0}); }

IkeProposal proposal(std::vector<IkeTransform> transforms) {
  IkeProposal out;
  out.transforms = std::move(transforms);
  return out;
}

}  // namespace

TEST_CASE("IKE names: a number means another exchange in each version") {
  CHECK(ike_exchange_name(2, 34) == "IKE_SA_INIT");
  CHECK(ike_exchange_name(2, 35) == "IKE_AUTH");
  CHECK(ike_exchange_name(2, 36) == "CREATE_CHILD_SA");
  CHECK(ike_exchange_name(2, 37) == "INFORMATIONAL");
  CHECK(ike_exchange_name(2, 43) == "IKE_INTERMEDIATE");
  CHECK(ike_exchange_name(2, 2).empty());
  CHECK(ike_exchange_name(1, 2) == "main mode");
  CHECK(ike_exchange_name(1, 4) == "aggressive");
  CHECK(ike_exchange_name(1, 32) == "quick mode");
  CHECK(ike_exchange_name(1, 34).empty());
}

TEST_CASE("IKE names: the ranges of the registries are whole, and nothing beside them has a name") {
  CHECK(named(256, [](unsigned n) { return ike_exchange_name(2, static_cast<std::uint8_t>(n)); }) == "34-44");
  CHECK(named(256, [](unsigned n) { return ike_exchange_name(1, static_cast<std::uint8_t>(n)); }) == "1-6 32-33");
  CHECK(named(256, [](unsigned n) { return ike_payload_name(static_cast<std::uint8_t>(n)); }) == "33-54");
  CHECK(named(256, [](unsigned n) { return ike_payload_abbreviation(static_cast<std::uint8_t>(n), false); }) ==
        "33-54");
  CHECK(named(256, [](unsigned n) { return ikev1_payload_name(static_cast<std::uint8_t>(n)); }) == "1-22 130-132");
  CHECK(named(65536, [](unsigned n) { return ike_notify_name(static_cast<std::uint16_t>(n)); }) ==
        "1 4-5 7 9 11 14 17 24 34-48 8192 16384-16446 40960-40969");
  CHECK(named(256, [](unsigned n) { return ike_transform_type_name(static_cast<std::uint8_t>(n)); }) == "1-14");
  CHECK(named(256, [](unsigned n) { return ike_identity_type_name(static_cast<std::uint8_t>(n)); }) == "1-3 5 9-13");
  CHECK(named(256, [](unsigned n) { return ike_auth_method_name(static_cast<std::uint8_t>(n)); }) == "1-3 9-14");
  CHECK(named(256, [](unsigned n) { return ike_certificate_encoding_name(static_cast<std::uint8_t>(n)); }) ==
        "1-4 6-15");
  CHECK(named(16384, [](unsigned n) { return ike_configuration_attribute_name(static_cast<std::uint16_t>(n)); }) ==
        "1-8 10-29");
  CHECK(named(65536, [](unsigned n) { return ike_hash_algorithm_name(static_cast<std::uint16_t>(n)); }) == "1-7");
}

TEST_CASE("IKE names: those of transforms are whole too") {
  const auto ids = [](std::uint8_t type) {
    return named(65536, [type](unsigned n) { return ike_transform_name(type, static_cast<std::uint16_t>(n)); });
  };
  CHECK(ids(1) == "1-9 11-16 18-35 1026-1027");
  CHECK(ids(2) == "1-9");
  CHECK(ids(3) == "0-14 1025-1029");
  CHECK(ids(4) == "0-2 5 14-37");
  CHECK(ids(5) == "0-2");
  for (std::uint8_t type = 6; type <= 12; ++type) CHECK(ids(type) == ids(4));
  CHECK(ids(15).empty());
}

TEST_CASE("IKE names: numbers that matter are named right") {
  CHECK(ike_payload_name(ike_payload::sa) == "Security Association");
  CHECK(ike_payload_abbreviation(ike_payload::tsr, false) == "TSr");
  CHECK(ike_payload_abbreviation(ike_payload::nonce, false) == "Ni");
  CHECK(ike_payload_abbreviation(ike_payload::nonce, true) == "Nr");
  CHECK(ike_notify_name(ike_notify::no_proposal_chosen) == "NO_PROPOSAL_CHOSEN");
  CHECK(ike_notify_name(ike_notify::ts_unacceptable) == "TS_UNACCEPTABLE");
  CHECK(ike_notify_name(ike_notify::use_transport_mode) == "USE_TRANSPORT_MODE");
  CHECK(ike_notify_name(ike_notify::rekey_sa) == "REKEY_SA");
  CHECK(ike_notify_name(ike_notify::update_sa_addresses) == "UPDATE_SA_ADDRESSES");
  CHECK(ike_notify_name(16416) == "ROHC_SUPPORTED");
  CHECK(ike_notify_name(16417) == "EAP_ONLY_AUTHENTICATION");
  CHECK(ike_notify_name(ike_notify::use_ppk_int) == "USE_PPK_INT");
  CHECK(ike_notify_name(ike_notify::use_beet_mode) == "USE_BEET_MODE");
  CHECK(ike_protocol_name(ike_protocol::esp) == "ESP");
  CHECK(ike_transform_type_name(ike_transform::encryption) == "Encryption Algorithm (ENCR)");
  CHECK(ike_transform_name(1, 20) == "ENCR_AES_GCM_16");
  CHECK(ike_transform_name(3, 12) == "AUTH_HMAC_SHA2_256_128");
  CHECK(ike_transform_name(4, 14) == "2048-bit MODP Group");
  CHECK(ike_transform_name(6, 36) == "ml-kem-768");
  CHECK(ike_identity_type_name(2) == "ID_FQDN");
  CHECK(ike_auth_method_name(2) == "Shared Key Message Integrity Code");
  CHECK(ike_configuration_type_name(1) == "CFG_REQUEST");
  CHECK(ike_configuration_attribute_name(25) == "INTERNAL_DNS_DOMAIN");
  CHECK(eap_code_name(3) == "Success");
  CHECK(eap_type_name(26) == "EAP-MSCHAPv2");
  CHECK(ike_hash_algorithm_name(2) == "SHA2-256");
}

TEST_CASE("IKE names: transforms are written as strongSwan's log writes them") {
  CHECK(transform_text({1, 20, 256}) == "AES_GCM_16_256");
  CHECK(transform_text({1, 12, 128}) == "AES_CBC_128");
  CHECK(transform_text({1, 28, 0}) == "CHACHA20_POLY1305");
  CHECK(transform_text({2, 6, 0}) == "PRF_HMAC_SHA2_384");
  CHECK(transform_text({3, 12, 0}) == "HMAC_SHA2_256_128");
  CHECK(transform_text({4, 20, 0}) == "ECP_384");
  CHECK(transform_text({4, 31, 0}) == "CURVE_25519");
  CHECK(transform_text({5, 0, 0}) == "NO_EXT_SEQ");
  CHECK(transform_text({5, 1, 0}) == "EXT_SEQ");
  CHECK(transform_text({6, 36, 0}) == "KE1_ML_KEM_768");
  CHECK(transform_text({12, 37, 0}) == "KE7_ML_KEM_1024");
}

TEST_CASE("IKE names: ciphers have the keywords of swanctl.conf") {
  CHECK(encryption(20, 256) == "aes256gcm16");
  CHECK(encryption(18, 128) == "aes128gcm8");
  CHECK(encryption(12, 192) == "aes192");
  CHECK(encryption(13, 256) == "aes256ctr");
  CHECK(encryption(15, 128) == "aes128ccm12");
  CHECK(encryption(21, 128) == "aes128gmac");
  CHECK(encryption(3, 0) == "3des");
  CHECK(encryption(11, 0) == "null");
  CHECK(encryption(23, 256) == "camellia256");
  CHECK(encryption(25, 128) == "camellia128ccm8");
  CHECK(encryption(28, 0) == "chacha20poly1305");
  CHECK(encryption(7, 256) == "blowfish256");
  CHECK(encryption(1026, 256) == "serpent256");
}

TEST_CASE("IKE names: the other transforms have keywords too") {
  CHECK(keyword(3, 12) == "sha256");
  CHECK(keyword(3, 1026) == "sha256_96");
  CHECK(keyword(3, 13) == "sha384");
  CHECK(keyword(3, 14) == "sha512");
  CHECK(keyword(3, 2) == "sha1");
  CHECK(keyword(3, 1) == "md5");
  CHECK(keyword(3, 5) == "aesxcbc");
  CHECK(keyword(3, 8) == "aescmac");
  CHECK(keyword(2, 5) == "prfsha256");
  CHECK(keyword(2, 2) == "prfsha1");
  CHECK(keyword(2, 4) == "prfaesxcbc");
  CHECK(keyword(4, 14) == "modp2048");
  CHECK(keyword(4, 24) == "modp2048s256");
  CHECK(keyword(4, 19) == "ecp256");
  CHECK(keyword(4, 29) == "ecp384bp");
  CHECK(keyword(4, 31) == "curve25519");
  CHECK(keyword(4, 32) == "curve448");
  CHECK(keyword(4, 35) == "mlkem512");
  CHECK(keyword(6, 36) == "ke1_mlkem768");
  CHECK(keyword(7, 37) == "ke2_mlkem1024");
  CHECK(keyword(5, 0) == "noesn");
  CHECK(keyword(5, 1) == "esn");
}

TEST_CASE("IKE names: what has no name keeps its number") {
  CHECK(transform_text({1, 999, 128}) == "ENCR_999_128");
  CHECK(swanctl_keyword({1, 999, 128}) == "encr_999_128");
  CHECK(transform_text({4, 99, 0}) == "KE_99");
  CHECK(transform_text({6, 99, 0}) == "KE1_99");
  CHECK(swanctl_keyword({6, 99, 0}) == "ke1_99");
  CHECK(transform_text({77, 3, 0}) == "TRANSFORM_77_3");
  CHECK(swanctl_keyword({1, 29, 128}) == "aes_ccm_8_iiv_128");
}

TEST_CASE("IKE names: a proposal is written in strongSwan's order, whatever the peer's was") {
  const auto aead = proposal({{4, 20, 0}, {2, 6, 0}, {1, 20, 256}});
  CHECK(proposal_text(aead) == "AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384");
  CHECK(swanctl_proposal(aead) == "aes256gcm16-prfsha384-ecp384");
  const auto classic = proposal({{1, 12, 128}, {2, 5, 0}, {3, 12, 0}, {4, 31, 0}, {4, 19, 0}});
  CHECK(proposal_text(classic) == "AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519/ECP_256");
  CHECK(swanctl_proposal(classic) == "aes128-sha256-prfsha256-curve25519-ecp256");
  const auto child = proposal({{5, 0, 0}, {1, 20, 256}, {7, 37, 0}, {6, 36, 0}, {4, 31, 0}});
  CHECK(proposal_text(child) == "AES_GCM_16_256/CURVE_25519/KE1_ML_KEM_768/KE2_ML_KEM_1024/NO_EXT_SEQ");
  CHECK(swanctl_proposal(child) == "aes256gcm16-curve25519-ke1_mlkem768-ke2_mlkem1024-noesn");
  CHECK(proposal_text(proposal({})).empty());
}

TEST_CASE("IKE names: an integrity of none is no word of swanctl.conf") {
  const auto it = proposal({{1, 20, 128}, {3, 0, 0}, {5, 1, 0}});
  CHECK(proposal_text(it) == "AES_GCM_16_128/NONE/EXT_SEQ");
  CHECK(swanctl_proposal(it) == "aes128gcm16-esn");
}

TEST_CASE("IKE names: vendors are known by what their IDs begin with") {
  CHECK(ike_vendor_name(unhex("882fe56d6fd20dbc2251613b2ebe5beb")) == "strongSwan");
  CHECK(ike_vendor_name(unhex("afcad71368a1f1c96b8696fc77570100")) == "Dead Peer Detection v1.0 (RFC 3706)");
  CHECK(ike_vendor_name(unhex("afcad71368a1f1c96b8696fc77570101")) == "Dead Peer Detection");
  CHECK(ike_vendor_name(unhex("4a131c81070358455c5728f20e95452f")) == "NAT traversal (RFC 3947)");
  CHECK(ike_vendor_name(unhex("09002689dfd6b712")) == "XAUTH");
  CHECK(ike_vendor_name(unhex("4048b7d56ebce88525e7de7f00d6c2d380000000")) == "FRAGMENTATION");
  CHECK(ike_vendor_name(unhex("1e2b516905991c7d7c96fcbfb587e46100000009")) == "MS NT5 ISAKMPOAKLEY v9");
  CHECK(ike_vendor_name(unhex("1e2b516905991c7d7c96fcbfb587e461000000ff")) == "MS NT5 ISAKMPOAKLEY");
  CHECK(ike_vendor_name(unhex("8299031757a36082c6a621de0005011f")) == "FORTIGATE");
  CHECK(ike_vendor_name(bytes_of("OE-Libreswan-4.10")) == "Libreswan");
  CHECK(ike_vendor_name(bytes_of("OEhjabcdefgh")) == "Openswan");
  CHECK(ike_vendor_name(bytes_of("FLEXVPN-SUPPORTED")) == "Cisco FlexVPN Supported");
  CHECK(ike_vendor_name(bytes_of("CISCO(COPYRIGHT)&Copyright (c) 2009 Cisco Systems, Inc.")) == "Cisco Copyright");
}

TEST_CASE("IKE names: an ID that is short by a byte, or that nobody has, has no name") {
  CHECK(ike_vendor_name(unhex("882fe56d6fd20dbc2251613b2ebe5b")).empty());
  CHECK(ike_vendor_name(bytes_of("OEhjabcdefg")).empty());
  CHECK(ike_vendor_name(bytes_of("OEhjabcdefg\n")).empty());
  CHECK(ike_vendor_name({}).empty());
}

TEST_CASE("IKE names: a chain in words is cut where it breaks or grows long") {
  CHECK(ike_payload_words(33, unhex("28000004 29000004 00000008 00004006"), false) == "SA Ni N(COOKIE)");
  CHECK(ike_payload_words(40, unhex("29000004 00000008 0000fde8"), true) == "Nr N(65000)");
  CHECK(ike_payload_words(41, unhex("00000007 000040"), false) == "N");
  CHECK(ike_payload_words(41, unhex("29000008 00004004 28000008 0000402e 00000004"), false) == "Ni +2 N");
  CHECK(ike_payload_words(99, unhex("2e000004 00000004"), false) == "99 SK");
  CHECK(ike_payload_words(33, unhex("28000004 29000003"), false) == "SA");
  std::string many;
  for (int i = 0; i < 30; ++i) many += "2b000004";
  CHECK(ike_payload_words(43, unhex(many), false) == "V V V V V V V V V V V V V V V V V V V V V V V V (+6)");
}

TEST_CASE("IKEv1 names: payloads, notifications and fragments have words") {
  CHECK(ikev1_payload_words(1, unhex("0d000004 0d000004 14000004 00000004")) == "SA V V NAT-D");
  CHECK(ikev1_payload_words(11, unhex("0000000c 00000001 0100000e")) == "N(NO-PROPOSAL-CHOSEN)");
  CHECK(ikev1_payload_words(11, unhex("0000000b 00000001 010000")) == "N");
  CHECK(ikev1_payload_words(132, unhex("00000008 00010201")) == "FRAG 2");
  CHECK(ikev1_payload_words(99, unhex("00000004")) == "99");
}

TEST_CASE("IKEv1 names: an attribute is named by its phase") {
  CHECK(ikev1_attribute_name(true, 1) == "Encryption Algorithm");
  CHECK(ikev1_attribute_name(false, 1) == "SA Life Type");
  CHECK(ikev1_attribute_value_name(true, 1, 7) == "AES-CBC");
  CHECK(ikev1_attribute_value_name(true, 2, 4) == "SHA2-256");
  CHECK(ikev1_attribute_value_name(true, 3, 1) == "pre-shared key");
  CHECK(ikev1_attribute_value_name(true, 4, 14) == "2048-bit MODP Group");
  CHECK(ikev1_attribute_value_name(true, 11, 1) == "seconds");
  CHECK(ikev1_attribute_value_name(true, 12, 1).empty());
  CHECK(ikev1_attribute_value_name(false, 4, 1) == "Tunnel");
  CHECK(ikev1_attribute_value_name(false, 5, 5) == "HMAC-SHA2-256");
  CHECK(ikev1_attribute_value_name(false, 3, 0).empty());
  CHECK(ikev1_transform_name(1, 1) == "KEY_IKE");
  CHECK(ikev1_transform_name(3, 12) == "ESP_AES-CBC");
  CHECK(ikev1_transform_name(2, 5) == "AH_SHA2-256");
  CHECK(ikev1_transform_name(4, 2) == "IPCOMP_DEFLATE");
  CHECK(ikev1_transform_name(3, 99).empty());
}

TEST_CASE("IKE names: a proposal that strongSwan logs is read back, whatever it holds") {
  IkeProposal all;
  all.protocol = ike_protocol::esp;
  for (unsigned type = 1; type <= 12; ++type)
    for (unsigned id = 0; id < 1100; ++id) {
      const IkeTransform it{static_cast<std::uint8_t>(type), static_cast<std::uint16_t>(id), 0};
      if (ike_transform_name(it.type, it.id).empty() || (type == 4 && id == 0)) continue;  // "NONE" is of integrity
      for (const std::uint16_t bits : std::initializer_list<std::uint16_t>{0, 128, 448}) {
        if (bits != 0 && type != ike_transform::encryption) continue;
        const IkeTransform sized{it.type, it.id, bits};
        const auto back = read_proposal_text("ESP:" + transform_text(sized));
        INFO(transform_text(sized));
        REQUIRE(back);
        CHECK(back->protocol == ike_protocol::esp);
        CHECK(back->transforms == std::vector<IkeTransform>{sized});
      }
    }
  CHECK(read_proposal_text("IKE:AES_CBC_128/ECP_256")->protocol == ike_protocol::ike);
  CHECK(read_proposal_text("AH:HMAC_SHA1_96")->protocol == ike_protocol::ah);
  CHECK(read_proposal_text("ESP:")->transforms.empty());
  for (const char* bad : {"", "IKE", "AES_CBC_128", "IPCOMP:DEFLATE", "ESP:/", "ESP:AES_CBC_99999", "ESP:AES_CBC_",
                          "ESP:KE8_ML_KEM_768", "ESP:KE1_WORD", "ESP: AES_CBC_128", "ESP:KE"}) {
    INFO(bad);
    CHECK_FALSE(read_proposal_text(bad));
  }
}

TEST_CASE("IKE names: a proposal of swanctl.conf is read, with the words of strongSwan's parser") {
  const auto read = [](std::string_view text) {
    std::string unknown;
    const auto proposal = read_swanctl_proposal(text, unknown);
    return proposal ? proposal_text(*proposal) : "? " + unknown;
  };
  CHECK(read("aes256gcm16-x25519") == "AES_GCM_16_256/CURVE_25519");
  CHECK(read("aes128-sha256-modp2048-esn") == "AES_CBC_128/HMAC_SHA2_256_128/MODP_2048/EXT_SEQ");
  CHECK(read("AES192CTR-SHA2_384") == "AES_CTR_192/HMAC_SHA2_384_192");
  CHECK(read("aes256gcm128") == "AES_GCM_16_256");
  CHECK(read("aes128ccm64-ke1_mlkem768") == "AES_CCM_8_128/KE1_ML_KEM_768");
  CHECK(read("aes") == "AES_CBC_128");
  CHECK(read("chacha20poly1305") == "CHACHA20_POLY1305");
  CHECK(read("aes256gmac") == "NULL_AES_GMAC_256");
  CHECK(read("null-md5") == "NULL/HMAC_MD5_96");
  CHECK(read("3des-sha-prfsha1") == "3DES_CBC/HMAC_SHA1_96/PRF_HMAC_SHA1");
  CHECK(read("aes128-wombat") == "? wombat");
  for (const char* bad :
       {"aes0", "aes-", "aes128--sha1", "aesgcm16", "aes99999", "ke1_sha1", "ke9_ecp256", "#", "aes#"})
    CHECK(read(bad) != proposal_text(proposal({})));
  std::string unknown;
  CHECK(read_swanctl_proposal("sha256", unknown)->protocol == ike_protocol::ah);
  CHECK(read_swanctl_proposal("aes128-sha256", unknown)->protocol == ike_protocol::esp);
}
