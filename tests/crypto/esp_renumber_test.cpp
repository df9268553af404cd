#include "crypto/esp_renumber.hpp"

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/decoding.hpp"
#include "support/sa_builder.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::uint64_t number_of(const EspVector& vector) {
  return (vector.esn ? std::uint64_t{1} << 32 : 0) | read_u32(vector.esp, 4);
}

std::vector<std::uint8_t> plaintext_of(EspTransform& transform, Bytes esp, std::uint64_t number) {
  const auto parts = transform.split(esp);
  REQUIRE(parts);
  std::vector<std::uint8_t> out(parts->ciphertext.size());
  REQUIRE(transform.verify(*parts, static_cast<std::uint32_t>(number >> 32)) == EspTransform::Outcome::verified);
  if (transform.can_decrypt()) transform.open(*parts, static_cast<std::uint32_t>(number >> 32), out);
  return out;
}

}  // namespace

TEST_CASE("esp_renumber: every vector verifies under another number, with the same plaintext, and turns back exactly") {
  std::size_t tried = 0;
  for (const EspVector& vector : esp_vectors()) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    const SecurityAssociation sa = sa_from_text(arena, vector.sa, vector.esn);
    auto transform = EspTransform::make(sa);
    REQUIRE(transform);
    auto renumber = EspRenumber::make(sa);
    REQUIRE(renumber.has_value() == transform->has_integrity());
    if (!renumber) continue;
    const std::uint64_t from = number_of(vector);
    const auto before = plaintext_of(*transform, vector.esp, from);
    for (const std::uint64_t to : {from + 1, from ^ 0xffff'ffff, from + (vector.esn ? std::uint64_t{5} << 32 : 77)}) {
      const auto other = renumber->renumber(vector.esp, from, to);
      REQUIRE(other);
      CHECK(read_u32(*other, 4) == static_cast<std::uint32_t>(to));
      CHECK(plaintext_of(*transform, *other, to) == before);
      CHECK(renumber->renumber(*other, to, from) == vector.esp);
      ++tried;
    }
  }
  CHECK(tried >= 200);
}

TEST_CASE("esp_renumber: it is the packet that the sender would have made, where the IV is the number") {
  for (const bool esn : {false, true}) {
    SaText text;
    text.esn = esn;
    SecretArena arena;
    const SecurityAssociation sa = sa_from_text(arena, gcm, esn);
    auto renumber = EspRenumber::make(sa);
    REQUIRE(renumber);
    const std::uint64_t from = 0xffff'fffe, to = esn ? 0x1'0000'0003 : 9;
    const Octets esp = seal_esp(seal_of(text), 0x1001, from, 4, inner_v4(1));
    CHECK(renumber->renumber(esp, from, to) == seal_esp(seal_of(text), 0x1001, to, 4, inner_v4(1)));
  }
}

TEST_CASE("esp_renumber: what does not verify is not made authentic") {
  for (const std::string& algorithms : {gcm, cbc_sha256}) {
    SaText text;
    text.algorithms = algorithms;
    SecretArena arena;
    auto renumber = EspRenumber::make(sa_from_text(arena, algorithms));
    REQUIRE(renumber);
    Octets esp = seal_esp(seal_of(text), 0x1001, 5, 4, inner_v4(1));
    CHECK(renumber->renumber(Bytes{esp}.first(20), 5, 6) == std::nullopt);
    esp.back() ^= 1;
    CHECK(renumber->renumber(esp, 5, 6) == std::nullopt);
  }
  SecretArena arena;
  const auto without = EspRenumber::make(sa_from_text(arena, cbc_alone));
  REQUIRE(!without);
  CHECK_THAT(without.error().text, Catch::Contains("no integrity"));
}
