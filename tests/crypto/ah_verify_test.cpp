#include "crypto/ah_verify.hpp"

#include <array>

#include "crypto/ah_mutable.hpp"

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/sa_builder.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string sha256 =
    "auth-trunc hmac(sha256) 0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff ";

SecurityAssociation ah_sa(SecretArena& arena, const std::string& text, bool esn = false) {
  SecurityAssociation sa = sa_from_text(arena, text, esn);
  sa.protocol = IpsecProtocol::ah;
  return sa;
}

AhTransform transform_of(const SecurityAssociation& sa) {
  auto transform = AhTransform::make(sa);
  REQUIRE(transform);
  return std::move(*transform);
}

// A datagram ready to be verified, with 20 bytes of IPv4 header.
Octets datagram(const std::string& text, std::uint64_t sequence = 1, bool esn = false, std::size_t alignment = 8) {
  const Octets plain = ipv4_packet("10.0.0.1", "10.0.0.2", 17, Octets(30, 1), {.id = 7, .df = true, .tos = 0x10});
  Octets out = seal_ah(seal_from_text(text, esn), 0x1001, sequence, plain, alignment);
  zero_mutable_fields(MutableBytes{out}.first(20));
  return out;
}

}  // namespace

TEST_CASE("ah_verify: a sealed datagram verifies, whatever its header is padded to, and stays whole") {
  SecretArena arena;
  for (const char* bits : {"96", "128", "256"})
    for (const std::size_t alignment : {4U, 8U}) {
      auto transform = transform_of(ah_sa(arena, sha256 + bits));
      Octets bytes = datagram(sha256 + bits, 1, false, alignment);
      const Octets before = bytes;
      CHECK(transform.fits((std::size_t{bytes[21]} + 2) * 4));
      CHECK(transform.verify({bytes, 20}, 0));
      CHECK(transform.verify({bytes, 20}, 77));
      CHECK(bytes == before);
    }
}

TEST_CASE("ah_verify: any flipped bit, of the padding too, is noticed") {
  SecretArena arena;
  auto transform = transform_of(ah_sa(arena, sha256 + "128"));
  Octets bytes = datagram(sha256 + "128");
  std::size_t unnoticed = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << bit % 8);
    bytes[bit / 8] ^= mask;
    unnoticed += transform.verify({bytes, 20}, 0) ? 1 : 0;
    bytes[bit / 8] ^= mask;
  }
  CHECK(unnoticed == 0);
}

TEST_CASE("ah_verify: under ESN the high half counts") {
  SecretArena arena;
  const std::string sha1 = "auth-trunc hmac(sha1) 0x00112233445566778899aabbccddeeff00112233 96";
  auto transform = transform_of(ah_sa(arena, sha1, true));
  Octets bytes = datagram(sha1, (std::uint64_t{3} << 32) + 9, true);
  CHECK(transform.verify({bytes, 20}, 3));
  CHECK_FALSE(transform.verify({bytes, 20}, 2));
  CHECK_FALSE(transform_of(ah_sa(arena, sha1)).verify({bytes, 20}, 3));
}

TEST_CASE("ah_verify: header lengths are those of the truncated or the whole ICV, padded to 4 or 8") {
  SecretArena arena;
  const auto lengths = [&](const std::string& text) {
    const auto transform = transform_of(ah_sa(arena, text));
    std::string out;
    for (std::size_t length = 0; length < 200; ++length)
      if (transform.fits(length)) out += (out.empty() ? "" : " ") + std::to_string(length);
    return out;
  };
  CHECK(lengths(sha256 + "128") == "28 32 44 48");
  CHECK(lengths(sha256 + "96") == "24 44 48");
  CHECK(lengths(sha256 + "256") == "44 48");
  CHECK(lengths("auth-trunc xcbc(aes) 0x00112233445566778899aabbccddeeff 96") == "24 28 32");
}

TEST_CASE("ah_verify: Linux takes one padding only, by `align4` under IPv4 and of 8 bytes under IPv6") {
  SecretArena arena;
  const auto lengths = [&](bool align4, bool under_ipv6) {
    SecurityAssociation sa = ah_sa(arena, sha256 + "128");
    sa.align4 = align4;
    const auto transform = transform_of(sa);
    std::string out;
    for (std::size_t length = 0; length < 200; ++length)
      if (transform.suits_linux(length, under_ipv6)) out += (out.empty() ? "" : " ") + std::to_string(length);
    return out;
  };
  CHECK(lengths(false, false) == "32 48");
  CHECK(lengths(true, false) == "28 44");
  CHECK(lengths(false, true) == "32 48");
  CHECK(lengths(true, true) == "32 48");
}

TEST_CASE("ah_verify: without integrity, or with an ICV longer than the MAC, there is no transform") {
  SecretArena arena;
  SecurityAssociation none;
  none.protocol = IpsecProtocol::ah;
  CHECK_FALSE(AhTransform::make(none));
  SecurityAssociation sa = ah_sa(arena, sha256 + "128");
  for (const std::uint16_t bits : std::array<std::uint16_t, 3>{0, 4, 264}) {
    sa.integrity.icv_bits = bits;
    CHECK_FALSE(AhTransform::make(sa));
  }
}
