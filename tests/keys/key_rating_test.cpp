#include "keys/key_rating.hpp"

#include <random>
#include <vector>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

KeyWeakness rate(AlgorithmKind kind, std::string_view name, std::string_view hex) {
  return keys::rate_key(*find_algorithm(kind, name), unhex(hex));
}
KeyWeakness rate_aes(std::string_view hex) { return rate(AlgorithmKind::encryption, "cbc(aes)", hex); }
KeyWeakness rate_des(std::string_view hex) { return rate(AlgorithmKind::encryption, "cbc(des)", hex); }
KeyWeakness rate_3des(std::string_view hex) { return rate(AlgorithmKind::encryption, "cbc(des3_ede)", hex); }

}  // namespace

TEST_CASE("key rating: patterns that people type are named") {
  CHECK(rate_aes("11111111111111111111111111111111") == KeyWeakness::one_byte);
  CHECK(rate_aes("000102030405060708090a0b0c0d0e0f") == KeyWeakness::counting);
  CHECK(rate_aes("00112233445566778899aabbccddeeff") == KeyWeakness::counting);
  CHECK(rate_aes("f0e0d0c0b0a090807060504030201000") == KeyWeakness::counting);
  CHECK(rate_aes("0123456789abcdef0123456789abcdef") == KeyWeakness::repeating);
  CHECK(rate_aes("deadbeefdeadbeefdeadbeefdeadbeef") == KeyWeakness::repeating);
  CHECK(rate_aes("30313233616263647071727330212223") == KeyWeakness::text);
}

TEST_CASE("key rating: a pattern that breaks in one place is none") {
  CHECK(rate_aes("000102030405060708090a0b0c0d0e10") == KeyWeakness::none);
  CHECK(rate_aes("deadbeefdeadbeefdeadbeefdeadbeee") == KeyWeakness::none);
  CHECK(rate_aes("3031323361626364707172733021227f") == KeyWeakness::none);
}

TEST_CASE("key rating: a repeated pattern need not end whole") {
  CHECK(rate(AlgorithmKind::integrity, "hmac(sha1)", "0123456789abcdef0123456789abcdef01234567") ==
        KeyWeakness::repeating);
}

TEST_CASE("key rating: less than 112 bits is short, but for DES, which has no longer ones") {
  CHECK(rate(AlgorithmKind::encryption, "cbc(blowfish)", "8f31c70a5e") == KeyWeakness::short_key);
  CHECK(rate(AlgorithmKind::integrity, "hmac(sha256)", "8f31c70a5e9b2244d1a0c3f7e6") == KeyWeakness::short_key);
  CHECK(rate(AlgorithmKind::integrity, "hmac(sha256)", "8f31c70a5e9b2244d1a0c3f7e615") == KeyWeakness::none);
  CHECK(rate_des("8f31c70a5e9b2244") == KeyWeakness::none);
  CHECK(rate(AlgorithmKind::encryption, "cbc(cast5)", "8f") == KeyWeakness::short_key);
}

TEST_CASE("key rating: weak and semi-weak keys of DES are found whatever their parity bits") {
  for (const char* weak : {"0101010101010101", "fefefefefefefefe", "e0e0e0e0f1f1f1f1", "1f1f1f1f0e0e0e0e",
                           "01fe01fe01fe01fe", "fee0fee0fef1fef1", "1e1e1e1e0e0e0e0e"})
    CHECK(rate_des(weak) == KeyWeakness::des_weak_key);
}

TEST_CASE("key rating: 3DES with equal neighbours is DES") {
  CHECK(rate_3des("8f31c70a5e9b22448e30c60b5f9a2345d1a0c3f7e6154b98") == KeyWeakness::single_des);
  CHECK(rate_3des("d1a0c3f7e6154b988f31c70a5e9b22448f31c70a5e9b2244") == KeyWeakness::single_des);
  CHECK(rate_3des("8f31c70a5e9b2244d1a0c3f7e6154b988f31c70a5e9b2244") == KeyWeakness::none);  // two-key 3DES
}

TEST_CASE("key rating: random keys of 128 bits pass") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  int weak = 0;
  for (int round = 0; round < 20'000; ++round) {
    Octets key(16);
    for (auto& byte : key) byte = static_cast<std::uint8_t>(random());
    weak += keys::rate_key(*find_algorithm(AlgorithmKind::encryption, "cbc(aes)"), key) != KeyWeakness::none ? 1 : 0;
  }
  CHECK(weak <= 1);
}

TEST_CASE("key rating: the salt is no part of the key") {
  SecretArena arena;
  std::vector<SecurityAssociation> sas;
  sas.push_back(sa_from_text(arena, "aead rfc4106(gcm(aes)) 0x11111111111111111111111111111111a7c3920f 128"));
  sas.push_back(sa_from_text(arena, "aead rfc4106(gcm(aes)) 0x7c1f0e9a3b5d48c2a6e1900d5f7b23c800000000 128"));
  keys::rate_keys(sas);
  CHECK(sas[0].encryption.weakness == KeyWeakness::one_byte);
  CHECK(sas[1].encryption.weakness == KeyWeakness::none);
}

TEST_CASE("key rating: equal keys share a group, across SAs and uses; others have their own") {
  SecretArena arena;
  std::vector<SecurityAssociation> sas;
  sas.push_back(sa_from_text(arena, cbc_sha256));
  sas.push_back(sa_from_text(arena, cbc_sha256));
  sas.push_back(sa_from_text(arena, "enc cbc(aes) 0x7c1f0e9a3b5d48c2a6e1900d5f7b23c8"));
  sas.push_back(sa_from_text(arena, "enc ecb(cipher_null)"));
  keys::rate_keys(sas);
  CHECK(sas[0].encryption.key_group != 0);
  CHECK(sas[0].encryption.key_group == sas[1].encryption.key_group);
  CHECK(sas[0].integrity.key_group == sas[1].integrity.key_group);
  CHECK(sas[0].integrity.key_group != sas[0].encryption.key_group);
  CHECK(sas[2].encryption.key_group != sas[0].encryption.key_group);
  CHECK(sas[3].encryption.key_group == 0);
}
