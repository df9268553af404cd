#include "crypto/ike_keymat.hpp"

#include <sstream>

#include "support/catch.hpp"
#include "support/ike_vectors.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

using Octets = std::vector<std::uint8_t>;

// Hexadecimal words.
std::vector<Secret> secrets_of(const std::string& text, SecretArena& arena) {
  std::vector<Secret> out;
  std::istringstream in{text};
  for (std::string word; in >> word;) out.push_back(arena.store(unhex(word)));
  return out;
}

// The SPIs and keys of `row`, of which the first two columns are the SPIs and the third SKEYSEED.
void check_keys(const IkeRow& row, std::size_t column, const IkeKeys& keys) {
  CHECK(keys.initiator_spi == row.spi(column));
  CHECK(keys.responder_spi == row.spi(column + 1));
  CHECK(revealed(keys.sk_d) == row.bytes(column + 3));
  CHECK(revealed(keys.sk_ai) == row.bytes(column + 4));
  CHECK(revealed(keys.sk_ar) == row.bytes(column + 5));
  CHECK(revealed(keys.sk_ei) == row.bytes(column + 6));
  CHECK(revealed(keys.sk_er) == row.bytes(column + 7));
}

template <typename T>
std::string error_of(const Result<T>& result) {
  return result ? std::string{} : result.error().text;
}

}  // namespace

TEST_CASE("ike keymat: SKEYSEED and the keys of an IKE SA come of its first exchange") {
  const auto rows = ike_rows("keymat.txt", "init");
  REQUIRE(rows.size() >= 14);
  for (const IkeRow& row : rows) {
    CAPTURE(row.text(1));
    SecretArena arena;
    const IkeSuite suite = ike_suite(row.text(2));
    const Octets initiator = row.bytes(4), responder = row.bytes(5);
    const Nonces nonces{initiator, responder};
    const auto seed = skeyseed(suite.prf, arena.store(row.bytes(3)), nonces, arena);
    REQUIRE(seed);
    CHECK(revealed(*seed) == row.bytes(8));
    const auto keys = derive_ike_keys(suite, suite.prf, *seed, nonces, row.spi(6), row.spi(7), arena);
    REQUIRE(keys);
    check_keys(row, 6, *keys);
    CHECK(keys->names_algorithms);
    CHECK(keys->prf == suite.prf);
    CHECK(keys->encryption.info == suite.encryption.info);
    CHECK(keys->integrity.info == suite.integrity.info);
  }
}

TEST_CASE("ike keymat: the keys of a rekeyed IKE SA come of the old one's SK_d") {
  const auto rows = ike_rows("keymat.txt", "rekey");
  REQUIRE(rows.size() >= 6);
  for (const IkeRow& row : rows) {
    CAPTURE(row.text(1));
    SecretArena arena;
    const Octets initiator = row.bytes(7), responder = row.bytes(8);
    const Nonces nonces{initiator, responder};
    const auto seed = rekey_skeyseed(prf_named(row.text(3)), arena.store(row.bytes(5)), secrets_of(row.text(6), arena),
                                     nonces, arena);
    REQUIRE(seed);
    CHECK(revealed(*seed) == row.bytes(11));
    const auto keys =
        derive_ike_keys(ike_suite(row.text(2)), prf_named(row.text(4)), *seed, nonces, row.spi(9), row.spi(10), arena);
    REQUIRE(keys);
    check_keys(row, 9, *keys);
  }
}

TEST_CASE("ike keymat: the keys of a Child SA come in the order of their directions") {
  const auto rows = ike_rows("keymat.txt", "child");
  REQUIRE(rows.size() >= 17);
  for (const IkeRow& row : rows) {
    CAPTURE(row.text(1));
    SecretArena arena;
    const Octets initiator = row.bytes(6), responder = row.bytes(7);
    const auto keys =
        derive_child_keys(prf_named(row.text(3)), arena.store(row.bytes(4)), secrets_of(row.text(5), arena),
                          {initiator, responder}, ike_suite(row.text(2)), arena);
    REQUIRE(keys);
    CHECK(revealed(keys->encryption_initiator) == row.bytes(8));
    CHECK(revealed(keys->integrity_initiator) == row.bytes(9));
    CHECK(revealed(keys->encryption_responder) == row.bytes(10));
    CHECK(revealed(keys->integrity_responder) == row.bytes(11));
  }
}

TEST_CASE("ike keymat: an intermediate exchange makes SKEYSEED as a rekeying with one secret does") {
  for (const IkeRow& row : ike_rows("keymat.txt", "rekey")) {
    SecretArena arena;
    const auto shared = secrets_of(row.text(6), arena);
    if (shared.size() != 1) continue;
    const Octets initiator = row.bytes(7), responder = row.bytes(8);
    const auto seed = intermediate_skeyseed(prf_named(row.text(3)), arena.store(row.bytes(5)), shared[0],
                                            {initiator, responder}, arena);
    REQUIRE(seed);
    CHECK(revealed(*seed) == row.bytes(11));
  }
}

TEST_CASE("ike keymat: a postquantum preshared key is mixed into SK_d") {
  const auto rows = ike_rows("keymat.txt", "ppk");
  REQUIRE(rows.size() >= 4);
  for (const IkeRow& row : rows) {
    CAPTURE(row.text(1));
    SecretArena arena;
    const auto mixed = mix_ppk(prf_named(row.text(2)), arena.store(row.bytes(3)), arena.store(row.bytes(4)), arena);
    REQUIRE(mixed);
    CHECK(revealed(*mixed) == row.bytes(5));
  }
}

TEST_CASE("ike keymat: AES PRFs take 8 bytes of each nonce, and an error comes of fewer") {
  SecretArena arena;
  const Secret shared = arena.store(Octets(32, 5));
  const Octets eight(8, 1), longer{1, 1, 1, 1, 1, 1, 1, 1, 99}, seven(7, 1);
  for (const Prf prf : {Prf::aes_xcbc, Prf::aes_cmac}) {
    const auto of_eight = skeyseed(prf, shared, {eight, eight}, arena);
    const auto of_longer = skeyseed(prf, shared, {longer, longer}, arena);
    REQUIRE(of_eight);
    REQUIRE(of_longer);
    CHECK(same_secret(*of_eight, *of_longer));
    CHECK_THAT(error_of(skeyseed(prf, shared, {seven, eight}, arena)), Catch::Contains("too short"));
    CHECK_THAT(error_of(skeyseed(prf, shared, {eight, seven}, arena)), Catch::Contains("too short"));
  }
  CHECK(skeyseed(Prf::hmac_sha256, shared, {seven, seven}, arena));
}

TEST_CASE("ike keymat: what is missing is an error") {
  SecretArena arena;
  const Octets nonce(32, 3);
  const Nonces nonces{nonce, nonce};
  const Secret secret = arena.store(Octets(32, 5)), none;
  const IkeSuite suite = ike_suite("encr=12/128 integ=12 prf=5");
  const std::vector<Secret> shared{secret, none};
  CHECK_FALSE(skeyseed(Prf::hmac_sha256, none, nonces, arena));
  CHECK_FALSE(skeyseed(Prf::hmac_sha256, secret, {}, arena));
  CHECK_FALSE(skeyseed(Prf::unknown, secret, nonces, arena));
  CHECK_FALSE(rekey_skeyseed(Prf::hmac_sha256, none, std::span{shared}.first(1), nonces, arena));
  CHECK_FALSE(rekey_skeyseed(Prf::hmac_sha256, secret, {}, nonces, arena));
  CHECK_FALSE(rekey_skeyseed(Prf::hmac_sha256, secret, shared, nonces, arena));
  CHECK_FALSE(intermediate_skeyseed(Prf::hmac_sha256, secret, none, nonces, arena));
  CHECK_FALSE(derive_ike_keys(suite, suite.prf, none, nonces, 1, 2, arena));
  CHECK_FALSE(derive_ike_keys(suite, Prf::unknown, secret, nonces, 1, 2, arena));
  CHECK_FALSE(derive_child_keys(Prf::hmac_sha256, none, {}, nonces, suite, arena));
  CHECK_FALSE(derive_child_keys(Prf::hmac_sha256, secret, shared, nonces, suite, arena));
  CHECK_FALSE(derive_child_keys(Prf::unknown, secret, {}, nonces, suite, arena));
  CHECK_FALSE(mix_ppk(Prf::hmac_sha256, none, secret, arena));
  CHECK_FALSE(mix_ppk(Prf::hmac_sha256, secret, none, arena));
}

TEST_CASE("ike keymat: an algorithm whose key has no known length gives no keys") {
  SecretArena arena;
  const Octets nonce(32, 3);
  const Secret secret = arena.store(Octets(32, 5));
  IkeSuite suite = ike_suite("encr=12/128 integ=12 prf=5");
  suite.encryption.key_size = 0;
  CHECK_THAT(error_of(derive_ike_keys(suite, suite.prf, secret, {nonce, nonce}, 1, 2, arena)),
             Catch::Contains("AES-CBC"));
  CHECK_THAT(error_of(derive_child_keys(suite.prf, secret, {}, {nonce, nonce}, suite, arena)),
             Catch::Contains("AES-CBC"));
  suite = ike_suite("encr=12/128 integ=12 prf=5");
  suite.integrity.key_size = 0;
  CHECK_THAT(error_of(derive_ike_keys(suite, suite.prf, secret, {nonce, nonce}, 1, 2, arena)),
             Catch::Contains("HMAC-SHA2-256"));
  suite.prf = Prf::unknown;
  CHECK_FALSE(derive_ike_keys(suite, Prf::hmac_sha256, secret, {nonce, nonce}, 1, 2, arena));
}
