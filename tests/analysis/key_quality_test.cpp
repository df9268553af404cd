#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText there{};
const SaText back{.source = "192.0.2.2", .destination = "192.0.2.1", .spi = 0x2002, .algorithms = other_gcm};

struct AfterOneEach : Rig {
  explicit AfterOneEach(const std::vector<SaText>& sas) : Rig(sas) {
    for (const SaText& sa : sas) feed(esp_frame(sa, 1));
    finish();
  }
};

SaText with(const std::string& algorithms, SaText sa = there) {
  sa.algorithms = algorithms;
  return sa;
}

}  // namespace

TEST_CASE("key quality: random keys of current algorithms, one each, raise nothing") {
  const AfterOneEach rig({there, back, with(cbc_sha256, {.source = "192.0.2.3", .spi = 0x3003})});
  for (const FindingInfo* code : {&codes::key_weak, &codes::key_shared, &codes::algorithm_deprecated}) {
    CHECK(rig.found(*code).empty());
    CHECK(rig.concluded(*code).empty());
  }
}

TEST_CASE("key quality: a patterned key is told with its role and place") {
  const AfterOneEach rig({with("aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f3d9f1c7a 128")});
  const Findings found = rig.found(codes::key_weak);
  REQUIRE(found.size() == 1);
  CHECK(found[0].sa == 1);
  CHECK(found[0].frame == 1);
  CHECK(found[0].message == "the key counts up or down (keys.txt:1)");
  REQUIRE(rig.concluded(codes::key_weak).size() == 1);
  CHECK(rig.concluded(codes::key_weak)[0].what == "the key counts up or down");
}

TEST_CASE("key quality: cipher and integrity key are judged apart") {
  const AfterOneEach rig(
      {with("enc cbc(aes) 0xc4179be2605dfa38917fe3044ab86d15 / auth-trunc hmac(sha256) "
            "0xabababababababababababababababababababababababababababababababab 128")});
  REQUIRE(rig.found(codes::key_weak).size() == 1);
  CHECK(rig.found(codes::key_weak)[0].message == "the integrity key is one byte over and over (keys.txt:1)");
}

TEST_CASE("key quality: keys that opened nothing are not judged") {
  SaText sent = there, loaded = with("aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f3d9f1c7a 128");
  Rig rig{{loaded}};
  rig.feed(esp_frame(sent, 1));
  rig.finish();
  CHECK(rig.found(codes::key_weak).empty());
}

TEST_CASE("key quality: one key for both directions is shared, and says with whom") {
  const AfterOneEach rig({there, with(gcm, back)});
  const Findings found = rig.found(codes::key_shared);
  REQUIRE(found.size() == 1);
  CHECK(found[0].sa == 2);
  CHECK(found[0].message == "#2 has the key of #1");
  REQUIRE(rig.concluded(codes::key_shared).size() == 1);
  CHECK(rig.concluded(codes::key_shared)[0].sas == std::vector<SaNumber>{1, 2});
}

TEST_CASE("key quality: the same SPI and keys in both directions are shared, too") {
  SaText reverse = with(gcm, back);
  reverse.spi = there.spi;
  CHECK(AfterOneEach({there, reverse}).found(codes::key_shared).size() == 1);
}

TEST_CASE("key quality: one SA seen under two destinations, as NAT makes it, shares nothing") {
  SaText inside = there;
  inside.destination = "10.0.0.9";
  CHECK(AfterOneEach({there, inside}).found(codes::key_shared).empty());
}

TEST_CASE("key quality: a cipher keyed like its HMAC is told") {
  const AfterOneEach rig(
      {with("enc cbc(aes) 0xc4179be2605dfa38917fe3044ab86d15 / auth-trunc hmac(md5) "
            "0xc4179be2605dfa38917fe3044ab86d15 96")});
  REQUIRE(rig.found(codes::key_shared).size() == 1);
  CHECK(rig.found(codes::key_shared)[0].message == "the encryption key of #1 is its integrity key");
}

TEST_CASE("key quality: algorithms that RFCs retire are named with the RFC") {
  const AfterOneEach rig(
      {with("enc cbc(des3_ede) 0x8f31c70a5e9b2244d1a0c3f7e6154b9820e5b96c3fd8a147 / auth-trunc hmac(md5) "
            "0xc4179be2605dfa38917fe3044ab86d15 96")});
  const Findings found = rig.found(codes::algorithm_deprecated);
  REQUIRE(found.size() == 2);
  CHECK(found[0].message.find("RFC 8221: should not") != std::string::npos);
  CHECK(found[1].message == "HMAC-MD5 (RFC 8221: must not)");
  CHECK(rig.concluded(codes::algorithm_deprecated).size() == 2);
}

TEST_CASE("key quality: encryption without integrity is held against an SA, an AEAD alone is not") {
  const AfterOneEach rig({with(cbc_alone)});
  REQUIRE(rig.found(codes::algorithm_deprecated).size() == 1);
  CHECK(rig.found(codes::algorithm_deprecated)[0].message.find("no integrity") == 0);
}
