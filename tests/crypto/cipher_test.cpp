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
    if (info.kind != AlgorithmKind::encryption || info.key_max == 0) continue;
    for (std::size_t size = 0; size <= 80; ++size) {
      CAPTURE(info.xfrm, size);
      const std::size_t key = size < info.salt ? 0 : size - info.salt;
      const bool listed = key >= info.key_min && key <= info.key_max && (key - info.key_min) % info.key_step == 0;
      const bool here = has_library_for(std::string{info.xfrm} + " 0x" + std::string(2 * size, '5'));
      CHECK(cipher_with(arena, info.xfrm, size).has_value() == (listed && here));
    }
  }
}

TEST_CASE("cipher: libgcrypt is without Twofish of 192 bits, and nettle is for nothing else") {
  const std::uint8_t key[32]{};
  const AlgorithmInfo& serpent = *find_algorithm(AlgorithmKind::encryption, "cbc(serpent)");
  const AlgorithmInfo& twofish = *find_algorithm(AlgorithmKind::encryption, "cbc(twofish)");
  CHECK_FALSE(gcrypt::keyed_cbc(twofish, Bytes{key}.first(24)));
  CHECK_FALSE(nettle::keyed_cbc(serpent, Bytes{key}.first(24)));
  for (const std::size_t size : {0U, 16U, 23U, 25U, 32U})
    CHECK_FALSE(nettle::keyed_cbc(twofish, Bytes{key}.first(size)));
  if (nettle::version().empty()) return;
  const auto context = nettle::keyed_cbc(twofish, Bytes{key}.first(24));
  REQUIRE(context);
  std::uint8_t out[32]{};
  const Bytes iv = Bytes{key}.first(16);
  CHECK(nettle::decrypt(context->get(), iv, key, out));
  CHECK_FALSE(nettle::decrypt(context->get(), iv, Bytes{key}.first(15), MutableBytes{out}.first(15)));
  CHECK_FALSE(nettle::decrypt(context->get(), iv, Bytes{key}.first(16), MutableBytes{out}.first(15)));
  CHECK_FALSE(nettle::decrypt(context->get(), iv.first(8), key, out));
}
