// Every algorithm against packets of every size, and every length that keys and ICVs may have.
#include <algorithm>

#include "crypto/esp_open.hpp"
#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/random.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;
using Outcome = EspTransform::Outcome;

namespace {

Octets random_octets(Random& random, std::size_t size) {
  Octets out(size);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(random.below(256));
  return out;
}

AlgorithmUse random_use(SecretArena& arena, Random& random, const AlgorithmInfo& info) {
  AlgorithmUse use;
  use.info = &info;
  use.key = arena.store(random_octets(random, std::size_t{info.key_max} + info.salt));
  use.icv_bits = info.icv_bits;
  return use;
}

// One SA for each algorithm that seals, and one for each that verifies, with the longest key.
std::vector<SecurityAssociation> all_suites(SecretArena& arena, Random& random) {
  std::vector<SecurityAssociation> suites;
  for (const AlgorithmInfo& info : all_algorithms()) {
    if (info.kind == AlgorithmKind::compression || !has_library_for(info.xfrm)) continue;
    SecurityAssociation& sa = suites.emplace_back();
    sa.esn = random.chance(2);
    if (info.kind == AlgorithmKind::integrity)
      sa.integrity = random_use(arena, random, info);
    else
      sa.encryption = random_use(arena, random, info);
    if (sa.encryption.info == nullptr)
      sa.encryption.info = find_algorithm(AlgorithmKind::encryption, "ecb(cipher_null)");
  }
  return suites;
}

// What the padding is said to be must lie inside the body.
bool is_sound(const std::optional<EspTrailer>& trailer, std::size_t body) {
  return !trailer || trailer->payload.size() + trailer->pad_length + 2 == body;
}

std::string icv_suite(const AlgorithmInfo& info, int bits) {
  return "enc ecb(cipher_null) / auth-trunc " + std::string{info.xfrm} + " 0x" + std::string(2U * info.key_max, '3') +
         " " + std::to_string(bits);
}

}  // namespace

TEST_CASE("esp_open: no algorithm opens noise with an ICV, and none minds its size") {
  Random random;
  CAPTURE(random.seed());
  SecretArena arena;
  for (const SecurityAssociation& sa : all_suites(arena, random)) {
    CAPTURE(suite_name(sa));
    auto transform = EspTransform::make(sa);
    REQUIRE(transform);
    const std::size_t fixed = transform->minimum_size() - transform->block_size();
    const std::size_t block = sa.encryption.info->xfrm.substr(0, 4) == "cbc(" ? transform->block_size() : 1;
    std::size_t wrong = 0;
    for (std::size_t size = 0; size < 200; ++size) {
      const Octets esp = random_octets(random, size);
      const auto parts = transform->split(esp);
      const bool splits = size >= transform->minimum_size() && (size - fixed) % block == 0;
      if (parts.has_value() != splits) ++wrong;
      if (!parts) continue;
      Octets out(parts->ciphertext.size());
      const Outcome outcome = transform->open(*parts, 5, out);
      if (outcome != (transform->has_integrity() ? Outcome::bad_icv : Outcome::unauthenticated)) ++wrong;
      if (!is_sound(read_trailer(out), out.size())) ++wrong;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("esp_open: an ICV may be cut to any whole number of bytes") {
  const Octets covered = unhex("01020304 00000005 61626364 01020211");
  for (const AlgorithmInfo& info : all_algorithms()) {
    if (info.kind != AlgorithmKind::integrity || info.key_max == 0 || !has_library_for(info.xfrm)) continue;
    SecretArena arena;
    const SecurityAssociation whole = sa_from_text(arena, icv_suite(info, info.icv_bits_max));
    auto mac = Mac::make(whole.integrity);
    REQUIRE(mac);
    Mac::Value value{};
    REQUIRE(mac->compute(covered, {}, value));
    for (int bits = 1; bits <= info.icv_bits_max + 8; ++bits) {
      CAPTURE(info.xfrm, bits);
      auto transform = EspTransform::make(sa_from_text(arena, icv_suite(info, bits)));
      REQUIRE(transform.has_value() == (bits % 8 == 0 && bits <= info.icv_bits_max));
      if (!transform) continue;
      Octets esp = covered;
      esp.insert(esp.end(), value.begin(), value.begin() + bits / 8);
      CHECK(transform->verify(*transform->split(esp), 0) == Outcome::verified);
      esp.back() ^= 1;
      CHECK(transform->verify(*transform->split(esp), 0) == Outcome::bad_icv);
    }
  }
}

TEST_CASE("esp_open: HMAC keys of any length do, as they do for the kernel") {
  for (const char* digest : {"sha1", "sha256", "sha384", "sha512"})
    for (const std::size_t size : {1, 15, 20, 63, 64, 65, 127, 128, 129, 500}) {
      CAPTURE(digest, size);
      const std::string text =
          "enc ecb(cipher_null) / auth-trunc hmac(" + std::string{digest} + ") 0x" + std::string(2 * size, 'b') + " 96";
      SecretArena arena;
      auto transform = EspTransform::make(sa_from_text(arena, text));
      REQUIRE(transform);
      const Octets esp = seal_esp(seal_from_text(text), 0x1001, 7, 17, Octets(50));
      CHECK(transform->verify(*transform->split(esp), 0) == Outcome::verified);
    }
}
