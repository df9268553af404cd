#include "crypto/esp_open.hpp"

#include <algorithm>

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;
using Outcome = EspTransform::Outcome;

namespace {

struct Opened {
  Outcome outcome;
  std::vector<std::uint8_t> out;
  [[nodiscard]] bool zeros() const { return std::count(out.begin(), out.end(), 0) == std::ssize(out); }
};

// Packets that cannot be split count as bad, with nothing delivered.
Opened open(EspTransform& transform, Bytes esp, std::uint32_t high) {
  const auto parts = transform.split(esp);
  if (!parts) return {Outcome::bad_icv, {}};
  Opened opened{Outcome::bad_icv, std::vector<std::uint8_t>(parts->ciphertext.size(), 0xee)};
  opened.outcome = transform.open(*parts, high, opened.out);
  return opened;
}

EspTransform transform_of(const SecurityAssociation& sa) {
  auto transform = EspTransform::make(sa);
  INFO((transform ? std::string{} : transform.error().to_string()));
  REQUIRE(transform);
  return std::move(*transform);
}

std::uint32_t high_of(const EspVector& vector) { return vector.esn ? 1 : 0; }

Outcome expected(const EspTransform& transform) {
  return transform.has_integrity() ? Outcome::verified : Outcome::unauthenticated;
}

bool is_inner(const Opened& opened, const EspVector& vector) {
  const auto trailer = read_trailer(opened.out);
  return trailer && trailer->standard_padding &&
         std::equal(trailer->payload.begin(), trailer->payload.end(), vector.inner.begin(), vector.inner.end());
}

}  // namespace

TEST_CASE("esp_open: every vector opens to its inner packet, as often as one likes") {
  const auto vectors = esp_vectors();
  REQUIRE(vectors.size() >= 80);
  for (const EspVector& vector : vectors) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    auto transform = transform_of(sa_from_text(arena, vector.sa, vector.esn));
    for (int times = 0; times < 3; ++times) {
      const Opened opened = open(transform, vector.esp, high_of(vector));
      CHECK(opened.outcome == expected(transform));
      CHECK(is_inner(opened, vector));
      const auto parts = transform.split(vector.esp);
      CHECK(transform.verify(*parts, high_of(vector)) == expected(transform));
    }
  }
}

TEST_CASE("esp_open: any flipped bit from SPI to ICV is a bad ICV and leaves zeros") {
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    auto transform = transform_of(sa_from_text(arena, vector.sa, vector.esn));
    if (!transform.has_integrity()) continue;
    std::size_t wrong = 0;
    std::vector<std::uint8_t> esp = vector.esp;
    for (std::size_t bit = 0; bit < esp.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
      esp[bit / 8] ^= mask;
      const Opened opened = open(transform, esp, high_of(vector));
      const bool verified = transform.verify(*transform.split(esp), high_of(vector)) != Outcome::bad_icv;
      if (opened.outcome != Outcome::bad_icv || !opened.zeros() || verified) ++wrong;
      esp[bit / 8] ^= mask;
    }
    CHECK(wrong == 0);
    CHECK(is_inner(open(transform, vector.esp, high_of(vector)), vector));
  }
}

TEST_CASE("esp_open: the high half counts under ESN and only there") {
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    auto transform = transform_of(sa_from_text(arena, vector.sa, vector.esn));
    if (!transform.has_integrity()) continue;
    for (const std::uint32_t high : {0U, 2U, 0x01000000U, 0xffffffffU})
      CHECK((open(transform, vector.esp, high).outcome == Outcome::verified) == !vector.esn);
    auto other = transform_of(sa_from_text(arena, vector.sa, !vector.esn));
    for (const std::uint32_t high : {0U, 1U}) CHECK(open(other, vector.esp, high).outcome == Outcome::bad_icv);
  }
}

TEST_CASE("esp_open: with another ICV length nothing verifies") {
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    SecurityAssociation sa = sa_from_text(arena, vector.sa, vector.esn);
    AlgorithmUse& use = sa.is_aead() ? sa.encryption : sa.integrity;
    if (use.info == nullptr) continue;
    const std::uint16_t right = use.icv_bits;
    for (const int bits : {64, 96, 128, 160, 192, 256, 384, 512}) {
      use.icv_bits = static_cast<std::uint16_t>(bits);
      if (auto transform = EspTransform::make(sa); transform && bits != right)
        CHECK(open(*transform, vector.esp, high_of(vector)).outcome == Outcome::bad_icv);
    }
    for (const int bits : {0, 7, 100, 520, 65528}) {
      use.icv_bits = static_cast<std::uint16_t>(bits);
      CHECK_FALSE(EspTransform::make(sa));
    }
  }
}

TEST_CASE("esp_open: a packet below the minimum is cut into nothing, one at the minimum into its parts") {
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    const auto transform = transform_of(sa_from_text(arena, vector.sa, vector.esn));
    for (std::size_t size = 0; size < transform.minimum_size(); ++size)
      CHECK_FALSE(transform.split(Bytes{vector.esp}.first(size)));
    const auto parts = transform.split(Bytes{vector.esp}.first(transform.minimum_size()));
    REQUIRE(parts);
    CHECK(parts->header.size() == 8);
    CHECK(parts->iv.size() == transform.iv_size());
    CHECK(parts->ciphertext.size() == transform.block_size());
    CHECK(parts->icv.size() == transform.icv_size());
    CHECK(parts->covered.size() + parts->icv.size() == transform.minimum_size());
  }
}

TEST_CASE("esp_open: a ciphertext that ends inside a block is no packet, for block ciphers alone") {
  SecretArena arena;
  const std::vector<std::uint8_t> esp(200, 1);
  const auto cbc = transform_of(sa_from_text(arena, "enc cbc(aes) 0x0910171e252c333a41484f565d646b72"));
  for (std::size_t size = cbc.minimum_size(); size <= esp.size(); ++size)
    CHECK(cbc.split(Bytes{esp}.first(size)).has_value() == ((size - 24) % 16 == 0));
  const auto null = transform_of(sa_from_text(arena, "enc ecb(cipher_null)"));
  for (std::size_t size = null.minimum_size(); size <= esp.size(); ++size) CHECK(null.split(Bytes{esp}.first(size)));
}

TEST_CASE("esp_open: without integrity the plaintext is delivered and said to be unauthenticated") {
  SecretArena arena;
  auto transform = transform_of(sa_from_text(arena, "enc ecb(cipher_null)"));
  const auto esp = unhex("01020304 00000005 61626364 0102 0211");
  const Opened opened = open(transform, esp, 7);
  CHECK(opened.outcome == Outcome::unauthenticated);
  CHECK_FALSE(transform.has_integrity());
  CHECK(opened.out == unhex("61626364 0102 0211"));
}

TEST_CASE("esp_open: what cannot be made says why") {
  SecretArena arena;
  const std::string key128 = "0x000102030405060708090a0b0c0d0e0f";
  const auto error = [&](const std::string& text) {
    auto transform = EspTransform::make(sa_from_text(arena, text));
    return transform ? std::string{} : transform.error().text;
  };
  CHECK_FALSE(error("enc cbc(aes) 0x0001").empty());
  CHECK_FALSE(error("enc cbc(aes)").empty());
  CHECK_FALSE(error("aead rfc4106(gcm(aes)) " + key128 + " 128").empty());
  CHECK_FALSE(error("aead rfc4106(gcm(aes)) 0x01 128").empty());
  CHECK_FALSE(error("aead rfc7539esp(chacha20,poly1305) " + key128 + "00000000 128").empty());
  CHECK(error("enc cbc(aes) 0x0001 / auth-trunc xcbc(aes) 0x0001 96") == "a key of 16 bits does not fit AES-CBC");
  SecurityAssociation nothing;
  CHECK(EspTransform::make(nothing).error().text == "the key file names no cipher");
}

TEST_CASE("esp trailer: padding and next header are read from the end") {
  const auto body = unhex("aabbcc 010203 03 04");
  const auto trailer = read_trailer(body);
  REQUIRE(trailer);
  CHECK(trailer->payload.size() == 3);
  CHECK(trailer->pad_length == 3);
  CHECK(trailer->next_header == 4);
  CHECK(trailer->standard_padding);
  CHECK_FALSE(read_trailer(unhex("aabbcc 010205 03 04"))->standard_padding);
  CHECK(read_trailer(unhex("aabb 00 3b"))->standard_padding);
}

TEST_CASE("esp trailer: a pad length beyond the body is nothing, up to it a body of padding alone") {
  CHECK_FALSE(read_trailer({}));
  CHECK_FALSE(read_trailer(unhex("04")));
  CHECK_FALSE(read_trailer(unhex("0102 03 04")));
  CHECK(read_trailer(unhex("0102 02 04"))->payload.empty());
  CHECK(read_trailer(unhex("00 3b"))->payload.empty());
}

TEST_CASE("esp_open: what the tests seal is what the vectors hold, and opens") {
  std::size_t sealed = 0;
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    Seal seal;
    try {
      seal = seal_from_text(vector.sa, vector.esn);
    } catch (const std::runtime_error&) {
      continue;  // an algorithm that the tests do not seal with
    }
    SecretArena arena;
    auto transform = transform_of(sa_from_text(arena, vector.sa, vector.esn));
    const Bytes iv = transform.split(vector.esp)->iv;
    const std::uint64_t sequence = std::uint64_t{high_of(vector)} << 32 | read_u32(vector.esp, 4);
    const std::uint8_t next_header = open(transform, vector.esp, high_of(vector)).out.back();
    CHECK(seal_esp(seal, read_u32(vector.esp, 0), sequence, next_header, vector.inner, {iv.begin(), iv.end()}) ==
          vector.esp);
    ++sealed;
  }
  CHECK(sealed >= 25);
}

TEST_CASE("esp_open: every payload size opens, with each sealing the tests know") {
  const std::string key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  for (const std::string& text : {"aead rfc4106(gcm(aes)) 0x" + key + "cafebabe 96",
                                  "aead rfc7539esp(chacha20,poly1305) 0x" + key + "cafebabe 128",
                                  "auth-trunc hmac(sha1) 0x0102 96 / enc cbc(aes) 0x" + key,
                                  "auth-trunc hmac(sha384) 0x" + key + " 192 / enc ecb(cipher_null)"}) {
    CAPTURE(text);
    SecretArena arena;
    auto transform = transform_of(sa_from_text(arena, text, true));
    std::size_t wrong = 0;
    for (std::size_t size = 0; size < 300; ++size) {
      const Octets payload(size, static_cast<std::uint8_t>(size));
      const std::uint64_t sequence = 0x1'0000'0000 * size + 7;
      const Octets esp = seal_esp(seal_from_text(text, true), 0xc0000001, sequence, 17, payload);
      const Opened opened = open(transform, esp, static_cast<std::uint32_t>(size));
      const auto trailer = read_trailer(opened.out);
      if (opened.outcome != Outcome::verified || !trailer || trailer->next_header != 17 ||
          !std::equal(payload.begin(), payload.end(), trailer->payload.begin(), trailer->payload.end()))
        ++wrong;
    }
    CHECK(wrong == 0);
  }
}
