#include "crypto/ipsec_mb.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <thread>

#include "crypto/esp_open.hpp"
#include "support/catch.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;
using Outcome = EspTransform::Outcome;

namespace {

// Says so where there is nothing to be tested.
bool is_here() {
  const Status usable = ipsec_mb::usable();
  if (!usable) WARN("skipped: " + usable.error().text);
  return usable.has_value();
}

// One SA under either library.
struct Both {
  EspTransform usual, other;
  static Both make(const SecurityAssociation& sa) {
    auto one = EspTransform::make(sa, CryptoBackend::openssl);
    auto other = EspTransform::make(sa, CryptoBackend::ipsec_mb);
    REQUIRE(one.has_value());
    REQUIRE(other.has_value());
    return {std::move(*one), std::move(*other)};
  }
};

struct Opened {
  Outcome opened, verified;
  std::vector<std::uint8_t> out;
  bool operator==(const Opened&) const = default;
  [[nodiscard]] bool zeros() const { return std::count(out.begin(), out.end(), 0) == std::ssize(out); }
};

Opened open(EspTransform& transform, Bytes esp, std::uint32_t high) {
  const auto parts = transform.split(esp);
  if (!parts) throw std::runtime_error("a vector cannot be split");
  Opened opened{Outcome::bad_icv, transform.verify(*parts, high),
                std::vector<std::uint8_t>(parts->ciphertext.size(), 0xee)};
  opened.opened = transform.open(*parts, high, opened.out);
  return opened;
}

std::uint32_t high_of(const EspVector& vector) { return vector.esn ? 1 : 0; }

// Memory that ends where a page does that must not be touched: assembler that reads or writes too far shows.
class Guarded {
 public:
  Guarded() {
    if (sodium_init() >= 0) bytes_.reset(static_cast<std::uint8_t*>(sodium_malloc(size)));
    if (bytes_ == nullptr) throw std::bad_alloc{};
  }
  [[nodiscard]] MutableBytes last(std::size_t count) { return MutableBytes{bytes_.get(), size}.last(count); }

 private:
  struct Free {
    void operator()(std::uint8_t* bytes) const { sodium_free(bytes); }
  };
  static constexpr std::size_t size = 4096;
  std::unique_ptr<std::uint8_t, Free> bytes_;
};

bool has_algorithm(const AlgorithmInfo& info) {
  return info.primitive == Primitive::aes_gcm || info.primitive == Primitive::aes_gmac ||
         info.primitive == Primitive::chacha20_poly1305;
}

// Bytes that look like nothing in particular, the same each time.
void fill(MutableBytes bytes, std::size_t seed) {
  for (std::uint8_t& byte : bytes) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<std::uint8_t>(seed >> 56);
  }
}

std::vector<std::uint8_t> key_of(std::size_t size) {
  std::vector<std::uint8_t> key(size);
  fill(key, size);
  return key;
}

std::string hex_of(Bytes key) { return fmt::format("{:02x}", fmt::join(key, "")); }

// OpenSSL seals, libipsec-mb opens.
struct Pair {
  Aead sealer;
  std::unique_ptr<ipsec_mb::AeadKey> opener;
  Bytes salt;
  Guarded aad, iv, plaintext, ciphertext, icv, out;

  // A body of `size` bytes opens as it is, and does not with the last bit of a part touched.
  bool agree(std::size_t size, std::size_t icv_size, std::size_t aad_size) {
    const MutableBytes before = plaintext.last(size), after = out.last(size), sealed = ciphertext.last(size);
    const MutableBytes tag = icv.last(icv_size), header = aad.last(aad_size), sent = iv.last(Aead::iv_size);
    for (const MutableBytes part : {before, header, sent}) fill(part, size + part.size());
    const SealedBody body{header, sent, sealed, tag};
    if (!sealer.seal(body, before, sealed, tag)) return false;
    std::vector<std::uint8_t> nonce{salt.begin(), salt.end()};
    nonce.insert(nonce.end(), sent.begin(), sent.end());
    for (const MutableBytes part : {header, sealed, tag}) {
      part.back() ^= 1;
      if (opener->open(body, nonce, after)) return false;
      part.back() ^= 1;
    }
    return opener->open(body, nonce, after) && std::equal(after.begin(), after.end(), before.begin());
  }
};

}  // namespace

TEST_CASE("ipsec-mb: what OpenSSL can do can always be had, and where libipsec-mb cannot the error says what to do") {
  CHECK(can_use(CryptoBackend::automatic).has_value());
  CHECK(can_use(CryptoBackend::openssl).has_value());
  const Status usable = can_use(CryptoBackend::ipsec_mb);
  CHECK(usable.has_value() == ipsec_mb::usable().has_value());
  if (!usable) CHECK(usable.error().text.find("libipsec-mb is not available: ") == 0);
}

TEST_CASE("ipsec-mb: every vector opens to the same bytes as with OpenSSL, as often as one likes") {
  if (!is_here()) return;
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    auto [usual, other] = Both::make(sa_from_text(arena, vector.sa, vector.esn));
    const Opened expected = open(usual, vector.esp, high_of(vector));
    CHECK(expected.opened != Outcome::bad_icv);
    for (int times = 0; times < 3; ++times) CHECK(open(other, vector.esp, high_of(vector)) == expected);
  }
}

TEST_CASE("ipsec-mb: any flipped bit from SPI to ICV is a bad ICV and leaves zeros, as with OpenSSL") {
  if (!is_here()) return;
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    auto [usual, other] = Both::make(sa_from_text(arena, vector.sa, vector.esn));
    if (!other.is_aead()) continue;  // the others have one library whatever is said
    std::size_t wrong = 0;
    std::vector<std::uint8_t> esp = vector.esp;
    for (std::size_t bit = 0; bit < esp.size() * 8; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
      esp[bit / 8] ^= mask;
      const Opened opened = open(other, esp, high_of(vector));
      if (opened.opened != Outcome::bad_icv || !opened.zeros() || opened != open(usual, esp, high_of(vector))) ++wrong;
      esp[bit / 8] ^= mask;
    }
    CHECK(wrong == 0);
    CHECK(open(other, esp, high_of(vector)).opened == Outcome::verified);
  }
}

TEST_CASE("ipsec-mb: the high half counts under ESN and only there") {
  if (!is_here()) return;
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    auto [usual, other] = Both::make(sa_from_text(arena, vector.sa, vector.esn));
    for (const std::uint32_t high : {0U, 1U, 2U, 0xffffffffU})
      CHECK(open(other, vector.esp, high) == open(usual, vector.esp, high));
  }
}

TEST_CASE("ipsec-mb: what OpenSSL seals opens, at every size, for every key, ICV and AAD, to the last byte of a page") {
  if (!is_here()) return;
  std::size_t suites = 0;
  for (const AlgorithmInfo& info : all_algorithms())
    for (const std::size_t key_size : {16U, 24U, 32U})
      for (const std::uint16_t bits : std::array<std::uint16_t, 3>{64, 96, 128}) {
        if (!has_algorithm(info)) continue;
        SecretArena arena;
        const auto key = key_of(key_size + info.salt);
        auto sealer =
            Aead::make(algorithm_use(arena, info.kind, info.xfrm, hex_of(key), bits), openssl::Direction::encrypt);
        if (!sealer) continue;
        CAPTURE(info.xfrm, key_size, bits);
        Pair pair{std::move(*sealer),
                  ipsec_mb::keyed_aead(info.primitive, Bytes{key}.first(key_size)),
                  Bytes{key}.last(info.salt),
                  {},
                  {},
                  {},
                  {},
                  {},
                  {}};
        REQUIRE(pair.opener != nullptr);
        ++suites;
        std::size_t wrong = 0;
        for (const std::size_t aad_size : {8U, 12U})
          for (std::size_t size = 1; size < 2100; size += size < 280 ? 1 : 61)
            if (!pair.agree(size, bits / 8U, aad_size)) ++wrong;
        CHECK(wrong == 0);
      }
  CHECK(suites >= 17);  // GCM 9, GMAC 3, ChaCha20-Poly1305 1, and 4 of RFC 8750
}

TEST_CASE("ipsec-mb: AES-CBC decrypts to the same as with OpenSSL, at every size, to the last byte of a page") {
  if (!is_here()) return;
  Guarded iv, ciphertext, out, expected;
  for (const std::size_t key_size : {16U, 24U, 32U}) {
    CAPTURE(key_size);
    SecretArena arena;
    const auto key = key_of(key_size);
    auto usual = BodyCipher::make(algorithm_use(arena, AlgorithmKind::encryption, "cbc(aes)", hex_of(key)));
    const auto other = ipsec_mb::keyed_cbc(Primitive::aes_cbc, key);
    REQUIRE(usual.has_value());
    REQUIRE(other != nullptr);
    std::size_t wrong = 0;
    for (std::size_t size = 16; size <= 2048; size += 16) {
      const MutableBytes start = iv.last(16), in = ciphertext.last(size);
      const MutableBytes first = expected.last(size), second = out.last(size);
      fill(start, size);
      fill(in, size + 1);
      const bool good = usual->decrypt(start, in, first) && other->decrypt(start, in, second);
      if (!good || !std::equal(first.begin(), first.end(), second.begin())) ++wrong;
    }
    CHECK(wrong == 0);
    CHECK_FALSE(other->decrypt(iv.last(15), ciphertext.last(16), out.last(16)));
    CHECK_FALSE(other->decrypt(iv.last(16), ciphertext.last(17), out.last(17)));
    CHECK_FALSE(other->decrypt(iv.last(16), ciphertext.last(32), out.last(16)));
    CHECK_FALSE(other->decrypt(iv.last(16), {}, {}));
  }
}

TEST_CASE("ipsec-mb: other algorithms, and keys of other lengths, are left to others") {
  const std::vector<std::uint8_t> key(64, 7);
  for (std::size_t size = 0; size <= key.size(); ++size) {
    const Bytes first = Bytes{key}.first(size);
    const bool here = ipsec_mb::usable().has_value();
    const bool is_aes = size == 16 || size == 24 || size == 32;
    CHECK((ipsec_mb::keyed_aead(Primitive::aes_gcm, first) != nullptr) == (here && is_aes));
    CHECK((ipsec_mb::keyed_aead(Primitive::aes_gmac, first) != nullptr) == (here && is_aes));
    CHECK((ipsec_mb::keyed_aead(Primitive::chacha20_poly1305, first) != nullptr) == (here && size == 32));
    CHECK((ipsec_mb::keyed_cbc(Primitive::aes_cbc, first) != nullptr) == (here && is_aes));
    for (const Primitive other : {Primitive::aes_ccm, Primitive::aes_ctr, Primitive::camellia_cbc, Primitive::none}) {
      CHECK(ipsec_mb::keyed_aead(other, first) == nullptr);
      CHECK(ipsec_mb::keyed_cbc(other, first) == nullptr);
    }
  }
}

TEST_CASE("ipsec-mb: keys of one SA open on another thread") {
  if (!is_here()) return;
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    Both both = Both::make(sa_from_text(arena, vector.sa, vector.esn));
    const Opened expected = open(both.usual, vector.esp, high_of(vector));
    Opened opened{};
    std::thread{[&] { opened = open(both.other, vector.esp, high_of(vector)); }}.join();
    CHECK(opened == expected);
  }
}

TEST_CASE("ipsec-mb: what the library would do nothing with is not authentic") {
  if (!is_here()) return;
  const std::vector<std::uint8_t> zeros(64);
  std::vector<std::uint8_t> out(32);
  const Bytes some{zeros};
  for (const Primitive primitive : {Primitive::aes_gcm, Primitive::aes_gmac, Primitive::chacha20_poly1305}) {
    const auto key = ipsec_mb::keyed_aead(primitive, some.first(32));
    REQUIRE(key != nullptr);
    const Bytes aad = some.first(8), iv = some.first(8), text = some.first(32), icv = some.first(16);
    CHECK_FALSE(key->open({{}, iv, text, icv}, some.first(12), out));
    CHECK_FALSE(key->open({aad, iv, {}, icv}, some.first(12), {}));
    CHECK_FALSE(key->open({aad, iv, text, {}}, some.first(12), out));
    CHECK_FALSE(key->open({aad, iv, text, some.first(17)}, some.first(12), out));
    CHECK_FALSE(key->open({aad, iv, text, icv}, some.first(11), out));
    CHECK_FALSE(key->open({aad, iv, text, icv}, some.first(12), MutableBytes{out}.first(31)));
  }
}
