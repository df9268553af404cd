#include "crypto/cipher.hpp"

#include "support/catch.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

Result<BodyCipher> cipher_with(SecretArena& arena, std::string_view name, std::size_t key_size) {
  return BodyCipher::make(algorithm_use(arena, AlgorithmKind::encryption, name, std::string(2 * key_size, '5')));
}

}  // namespace

TEST_CASE("cipher: every published vector decrypts, as often as one likes") {
  const auto vectors = part_vectors("cipher");
  REQUIRE(vectors.size() >= 14);
  for (const PartVector& vector : vectors) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    auto cipher = BodyCipher::make(algorithm_use(arena, AlgorithmKind::encryption, vector.algorithm, vector.key));
    REQUIRE(cipher);
    for (int times = 0; times < 3; ++times) {
      std::vector<std::uint8_t> out(vector.fields.at(2).size());
      CHECK(cipher->decrypt(vector.fields[0], vector.fields[2], out));
      CHECK(out == vector.fields[1]);
    }
  }
}

TEST_CASE("cipher: keys of every length that the table lists are taken, others are not") {
  SecretArena arena;
  for (const AlgorithmInfo& info : all_algorithms()) {
    if (info.kind != AlgorithmKind::encryption || info.key_max == 0 || !has_library_for(info.xfrm)) continue;
    for (std::size_t size = 0; size <= 80; ++size) {
      CAPTURE(info.xfrm, size);
      const std::size_t key = size < info.salt ? 0 : size - info.salt;
      const bool listed = key >= info.key_min && key <= info.key_max && (key - info.key_min) % info.key_step == 0;
      const bool left_out = info.primitive == Primitive::twofish_cbc && key == 24;  // by libgcrypt
      CHECK(cipher_with(arena, info.xfrm, size).has_value() == (listed && !left_out));
    }
  }
}

TEST_CASE("cipher: what libgcrypt does not have, or a build without it, is said") {
  SecretArena arena;
  const auto twofish = cipher_with(arena, "cbc(twofish)", 24);
  REQUIRE_FALSE(twofish);
  CHECK(twofish.error().text ==
        (gcrypt::version().empty() ? "Twofish-CBC is not available: this build has no libgcrypt; build espdump again "
                                     "with libgcrypt20-dev installed"
                                   : "Twofish-CBC with keys of 192 bits is not available: libgcrypt does not have it"));
}
