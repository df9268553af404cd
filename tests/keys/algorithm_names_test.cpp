// Names of other programs, read and written.
#include "keys/algorithm_names.hpp"

#include "support/catch.hpp"

using namespace espdump;
using keys::cipher_named;
using keys::integrity_named;
using keys::name_of;
using keys::Naming;

TEST_CASE("algorithm names: what is written is read as the same") {
  for (const Naming naming : {Naming::wireshark, Naming::wireshark_ike, Naming::setkey, Naming::strongswan,
                              Naming::libreswan, Naming::libreswan_ike}) {
    std::size_t named = 0;
    for (const AlgorithmInfo& info : all_algorithms())
      for (unsigned bits = 0; bits <= 512; bits += 8) {
        const auto name = name_of(naming, info, static_cast<std::uint16_t>(bits), info.key_min + info.salt);
        if (name.empty()) continue;
        ++named;
        const bool integrity = info.kind == AlgorithmKind::integrity;
        const auto read = integrity ? integrity_named(naming, name) : cipher_named(naming, name);
        INFO(name);
        REQUIRE(read);
        CHECK(read->info == &info);
        if (read->icv_bits) CHECK(*read->icv_bits == bits);
        if (read->key_size) CHECK(*read->key_size == std::size_t{info.key_min} + info.salt);
      }
    CHECK(named > 10);
  }
}

TEST_CASE("algorithm names: capitals do not matter, kinds do") {
  CHECK(cipher_named(Naming::wireshark, "TripleDes-CBC [rfc2451]")->info->primitive == Primitive::des3_cbc);
  CHECK(cipher_named(Naming::wireshark, "NULL")->info->primitive == Primitive::null_cipher);
  CHECK(integrity_named(Naming::wireshark, "NULL")->info->primitive == Primitive::null_mac);
  CHECK_FALSE(cipher_named(Naming::setkey, "AES-CBC [RFC3602]"));
  CHECK_FALSE(integrity_named(Naming::strongswan, "AES_CBC"));
}

TEST_CASE("algorithm names: a length of the key may follow") {
  const auto size = [](Naming naming, std::string_view name) {
    const auto named = keys::sized_cipher_named(naming, name);
    REQUIRE(named);
    return named->key_size.value_or(0);
  };
  CHECK(size(Naming::strongswan, "AES_CBC_256") == 32);
  CHECK(size(Naming::strongswan, "AES_GCM_16_256") == 36);
  CHECK(size(Naming::strongswan, "AES_GCM_16") == 0);
  CHECK(size(Naming::strongswan, "AES_CCM_8_192") == 27);
  CHECK(size(Naming::strongswan, "CHACHA20_POLY1305") == 0);
  CHECK(size(Naming::libreswan_ike, "aes128") == 16);
  CHECK(size(Naming::libreswan_ike, "aes_gcm_16256") == 36);
  CHECK(size(Naming::libreswan_ike, "3des") == 0);
  CHECK_FALSE(keys::sized_cipher_named(Naming::strongswan, "256"));
  CHECK_FALSE(keys::sized_cipher_named(Naming::strongswan, "AES_CBC_abc"));
  CHECK_FALSE(keys::sized_cipher_named(Naming::strongswan, "ROT_13_128"));
}

TEST_CASE("algorithm names: Wireshark's of IKE say the length of the key") {
  const AlgorithmInfo& gcm = *find_algorithm(AlgorithmKind::aead, "rfc4106(gcm(aes))");
  CHECK(name_of(Naming::wireshark_ike, gcm, 128, 36) == "AES-GCM-256 with 16 octet ICV [RFC5282]");
  CHECK(name_of(Naming::wireshark_ike, gcm, 64, 20) == "AES-GCM-128 with 8 octet ICV [RFC5282]");
  CHECK(name_of(Naming::wireshark_ike, gcm, 128, 35).empty());
}

TEST_CASE("algorithm names: pseudorandom functions") {
  for (unsigned i = 1; i <= static_cast<unsigned>(Prf::aes_cmac); ++i) {
    const auto prf = static_cast<Prf>(i);
    CHECK_FALSE(name_of(prf).empty());
    CHECK(keys::prf_named(name_of(prf)) == prf);
  }
  CHECK((name_of(Prf::unknown).empty() && keys::prf_named("HMAC_SHA1_96") == Prf::unknown));
}
