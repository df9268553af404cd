// SAs of which not all keys are at hand, and IVs that are not sent.
#include <algorithm>

#include "crypto/esp_open.hpp"
#include "support/catch.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;
using Outcome = EspTransform::Outcome;

namespace {

const std::string key = "0x000102030405060708090a0b0c0d0e0f";
const std::string suite = "enc cbc(aes) " + key + " / auth-trunc xcbc(aes) " + key + " 96";

std::uint32_t high_of(const EspVector& vector) { return vector.esn ? 1 : 0; }

// The ways in which a key file keeps a key back.
void withhold(AlgorithmUse& use, KeyState state) {
  if (state == KeyState::present)
    use = {};
  else
    use.state = state;
  use.key = {};
}

std::vector<EspVector> vectors_with_separate_icv() {
  auto vectors = esp_vectors();
  std::erase_if(vectors, [](const EspVector& vector) { return vector.sa.find("auth-trunc") == std::string::npos; });
  return vectors;
}

// Verifies a packet that cannot be decrypted.
Outcome verify(EspTransform& transform, Bytes esp, std::uint32_t high) {
  const auto parts = transform.split(esp);
  return parts ? transform.verify(*parts, high) : Outcome::bad_icv;
}

}  // namespace

TEST_CASE("esp_open: with the key of the ICV alone every packet verifies and none is decrypted") {
  for (const EspVector& vector : vectors_with_separate_icv())
    for (const KeyState state : {KeyState::present, KeyState::hidden, KeyState::unusable}) {
      CAPTURE(vector.file, vector.name, static_cast<int>(state));
      SecretArena arena;
      SecurityAssociation sa = sa_from_text(arena, vector.sa, vector.esn);
      withhold(sa.encryption, state);
      auto transform = EspTransform::make(sa);
      REQUIRE(transform);
      CHECK((transform->can_verify() && !transform->can_decrypt() && transform->has_integrity()));
      CHECK(transform->shortcoming().find("verified, not decrypted: the key file") == 0);
      auto esp = vector.esp;
      CHECK(verify(*transform, esp, high_of(vector)) == Outcome::verified);
      esp[esp.size() / 2] ^= 0x40;
      CHECK(verify(*transform, esp, high_of(vector)) == Outcome::bad_icv);
    }
}

TEST_CASE("esp_open: without the key of the ICV packets are decrypted, and said to be unchecked") {
  for (const EspVector& vector : vectors_with_separate_icv()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    SecurityAssociation sa = sa_from_text(arena, vector.sa, vector.esn);
    withhold(sa.integrity, KeyState::hidden);
    auto transform = EspTransform::make(sa);
    REQUIRE(transform);
    CHECK((!transform->can_verify() && transform->can_decrypt() && transform->has_integrity()));
    CHECK(transform->shortcoming().find("decrypted, ICV not checked: the key file hides the key") == 0);
    auto esp = vector.esp;
    esp.back() ^= 1;  // of the ICV
    const auto parts = transform->split(esp);
    REQUIRE(parts);
    std::vector<std::uint8_t> out(parts->ciphertext.size());
    CHECK(transform->open(*parts, 0, out) == Outcome::unchecked);
    CHECK(transform->verify(*parts, 0) == Outcome::unchecked);
    const auto trailer = read_trailer(out);
    REQUIRE(trailer);
    CHECK(std::equal(trailer->payload.begin(), trailer->payload.end(), vector.inner.begin(), vector.inner.end()));
  }
}

TEST_CASE("esp_open: an unknown integrity algorithm does no harm where its ICV length is known") {
  SecretArena arena;
  SecurityAssociation sa = sa_from_text(arena, suite);
  sa.integrity = {nullptr, {}, 96, KeyState::unusable};
  const auto transform = EspTransform::make(sa);
  REQUIRE(transform);
  CHECK((transform->icv_size() == 12 && transform->has_integrity() && !transform->can_verify()));
  for (const int bits : {0, 7}) {
    sa.integrity.icv_bits = static_cast<std::uint16_t>(bits);
    CHECK_FALSE(EspTransform::make(sa));
  }
}

TEST_CASE("esp_open: without either key, or without that of an AEAD, there is nothing to be done") {
  SecretArena arena;
  SecurityAssociation both = sa_from_text(arena, suite);
  withhold(both.encryption, KeyState::hidden);
  withhold(both.integrity, KeyState::hidden);
  CHECK_FALSE(EspTransform::make(both));
  SecurityAssociation alone = sa_from_text(arena, "enc cbc(aes) " + key);
  withhold(alone.encryption, KeyState::unusable);
  CHECK_FALSE(EspTransform::make(alone));
  SecurityAssociation aead = sa_from_text(arena, "aead rfc4106(gcm(aes)) " + key + "01020304 128");
  withhold(aead.encryption, KeyState::hidden);
  CHECK_FALSE(EspTransform::make(aead));
}

TEST_CASE("esp_open: digest_null is no integrity") {
  SecretArena arena;
  SecurityAssociation sa = sa_from_text(arena, "enc cbc(aes) " + key);
  sa.integrity.info = find_algorithm(AlgorithmKind::integrity, "digest_null");
  const auto transform = EspTransform::make(sa);
  REQUIRE(transform);
  CHECK((transform->icv_size() == 0 && !transform->has_integrity() && transform->shortcoming().empty()));
}

TEST_CASE("esp_open: an implicit IV is what an explicit one would be that repeats the sequence number") {
  std::size_t compared = 0;
  for (const EspVector& vector : esp_vectors()) {
    const auto at = vector.sa.find("rfc8750(");
    if (at == std::string::npos) continue;
    CAPTURE(vector.file, vector.name);
    const bool ccm = vector.sa.find("ccm") != std::string::npos, gcm = vector.sa.find("gcm") != std::string::npos;
    std::string text = vector.sa;
    text.replace(at, 7, ccm ? "rfc4309" : gcm ? "rfc4106" : "rfc7539esp");
    SecretArena arena;
    auto transform = EspTransform::make(sa_from_text(arena, text, vector.esn));
    REQUIRE(transform);
    auto esp = vector.esp;
    std::vector<std::uint8_t> number(8);
    write_u32(number, 0, high_of(vector));
    write_u32(number, 4, read_u32(esp, 4));
    esp.insert(esp.begin() + 8, number.begin(), number.end());
    CHECK(verify(*transform, esp, high_of(vector)) == Outcome::verified);
    ++compared;
  }
  CHECK(compared == 14);
}
