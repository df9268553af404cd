// What stands in for libraries that a build is without, whatever this build is with: compiled under other names.
#include "support/catch.hpp"

#define gcrypt gcrypt_left_out
#define nettle nettle_left_out
#define ipsec_mb ipsec_mb_left_out
#include "crypto/gcrypt_absent.cpp"
#include "crypto/ipsec_mb_absent.cpp"
#include "crypto/nettle_absent.cpp"
#undef gcrypt
#undef nettle
#undef ipsec_mb

using namespace espdump;

TEST_CASE("absent: without libgcrypt or nettle it is said what cannot be opened, and what to install") {
  const std::uint8_t key[24]{};
  const AlgorithmInfo& serpent = *find_algorithm(AlgorithmKind::encryption, "cbc(serpent)");
  const AlgorithmInfo& twofish = *find_algorithm(AlgorithmKind::encryption, "cbc(twofish)");
  const auto from_gcrypt = gcrypt_left_out::keyed_cbc(serpent, key);
  REQUIRE_FALSE(from_gcrypt);
  CHECK(
      from_gcrypt.error().text ==
      "Serpent-CBC is not available: this build has no libgcrypt; build espdump again with libgcrypt20-dev installed");
  const auto from_nettle = nettle_left_out::keyed_cbc(twofish, key);
  REQUIRE_FALSE(from_nettle);
  CHECK(from_nettle.error().text ==
        "Twofish-CBC with keys of 192 bits is not available: this build has no nettle; build espdump again with "
        "nettle-dev installed");
  CHECK(gcrypt_left_out::version().empty());
  CHECK(nettle_left_out::version().empty());
}

TEST_CASE("absent: contexts of libraries that are left out decrypt nothing, and close") {
  std::uint8_t block[16]{};
  CHECK_FALSE(gcrypt_left_out::decrypt(nullptr, block, block, block));
  CHECK_FALSE(nettle_left_out::decrypt(nullptr, block, block, block));
  gcrypt_left_out::Close{}(nullptr);
  nettle_left_out::Close{}(nullptr);
}

TEST_CASE("absent: without libipsec-mb it is said what to install, and nobody waits for its keys") {
  CHECK(ipsec_mb_left_out::usable().error().text ==
        "libipsec-mb is not available: this build has none; build espdump again, for x86-64, with libipsec-mb-dev "
        "installed");
  const std::uint8_t key[16]{};
  CHECK(ipsec_mb_left_out::keyed_aead(Primitive::aes_gcm, key) == nullptr);
  CHECK(ipsec_mb_left_out::keyed_cbc(Primitive::aes_cbc, key) == nullptr);
  CHECK(ipsec_mb_left_out::version().empty());
}
