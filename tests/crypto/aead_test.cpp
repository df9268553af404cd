#include "crypto/aead.hpp"

#include "support/catch.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("aead: every published vector opens and verifies, and no other ICV does") {
  const auto vectors = part_vectors("aead");
  REQUIRE(vectors.size() >= 11);
  for (const PartVector& vector : vectors) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    const auto& [aad, iv, plaintext, ciphertext] =
        std::tie(vector.fields.at(0), vector.fields.at(1), vector.fields.at(2), vector.fields.at(3));
    auto icv = vector.fields.at(4);
    auto aead = Aead::make(algorithm_use(arena, AlgorithmKind::aead, vector.algorithm, vector.key));
    REQUIRE(aead);
    std::vector<std::uint8_t> out(ciphertext.size());
    CHECK(aead->open({aad, iv, ciphertext, icv}, out));
    CHECK(out == plaintext);
    CHECK(aead->verify({aad, iv, ciphertext, icv}));
    icv.back() ^= 1;
    CHECK_FALSE(aead->open({aad, iv, ciphertext, icv}, out));
    CHECK_FALSE(aead->verify({aad, iv, ciphertext, icv}));
  }
}

TEST_CASE("aead: only the ICV lengths of the RFCs are taken") {
  SecretArena arena;
  for (const AlgorithmInfo& info : all_algorithms()) {
    if (info.kind != AlgorithmKind::aead) continue;
    const bool several = info.xfrm == "rfc4106(gcm(aes))" || info.xfrm == "rfc4309(ccm(aes))";
    const std::uint16_t usual = info.xfrm == "rfc8750(ccm(aes))" ? 64 : 128;
    AlgorithmUse use = algorithm_use(arena, info.kind, info.xfrm, std::string(2U * (32U + info.salt), '7'));
    for (int bits = 0; bits <= 260; ++bits) {
      CAPTURE(info.xfrm, bits);
      use.icv_bits = static_cast<std::uint16_t>(bits);
      CHECK(Aead::make(use).has_value() == (bits == usual || (several && (bits == 64 || bits == 96))));
    }
  }
}
