#include "decode/beet.hpp"

#include "crypto/esp_open.hpp"
#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const IpAddress v4_a = *IpAddress::parse("10.9.0.1"), v4_b = *IpAddress::parse("10.9.0.2");
const IpAddress v6_a = *IpAddress::parse("fd00::1"), v6_b = *IpAddress::parse("fd00::2");

Result<Octets> rebuild(Family family, const OuterFacts& outer, std::uint8_t next_header, const Octets& payload) {
  Octets out(payload.size() + beet_growth, 0xee);
  const bool v6 = family == Family::ipv6;
  const auto size = rebuild_beet_packet(family, v6 ? v6_a : v4_a, v6 ? v6_b : v4_b, outer, next_header, payload, out);
  if (!size) return Unexpected{size.error()};
  REQUIRE(*size <= out.size());
  out.resize(*size);
  return out;
}

}  // namespace

TEST_CASE("beet: outer packet to inner packet, byte for byte") {
  struct Vector {
    std::string outer, inner;
  };
  const Vector vectors[] = {
      {"45b80048111140003d323f7fc0000201c63364070b0e0e0100000001a1a2a3a4a5a6a7a867cc92ff9115cd512ac24f14dc0127c262ce675"
       "857"
       "40611d30eee9fd5109a33715f9c01f",
       "45b80024111140003d0117fc0a0900010a09000208005435123400016162636465666768"},
      {"45000050111240003d32402ec0000201c63364070b0e0e0100000002a1a2a3a4a5a6a7a86eccc6ca1725cd5043a07845ab5340ab02ae063"
       "d97"
       "9f483e40495ebb9fcff69fd1d670a632864c3eedc9c4b3",
       "46000028111240003d0183aa0a0900010a0900029404000008005435123400016162636465666768"},
      {"45000058111340003d324025c0000201c63364070b0e0e0100000003a1a2a3a4a5a6a7a86ecdc2ca8220cc51dfa42c70b86641ab6bcc316"
       "ce0"
       "cd2f5720293f81f1976fcd8ab9ed9cc0c62293e756d8ef2a111315d0f5a97f",
       "4700002c111340003d0180a30a0900010a090002940400000101010108005435123400016162636465666768"}};
  SecretArena arena;
  auto transform =
      EspTransform::make(sa_from_text(arena, "aead rfc4106(gcm(aes)) 0x01080f161d242b323940474e555c636a71787f86 128"));
  REQUIRE(transform);
  for (const Vector& vector : vectors) {
    const Octets outer = unhex(vector.outer);
    const auto parts = transform->split(Bytes{outer}.subspan(20));
    REQUIRE(parts);
    Octets plain(parts->ciphertext.size());
    REQUIRE(transform->open(*parts, 0, plain) == EspTransform::Outcome::verified);
    const auto trailer = read_trailer(plain);
    REQUIRE(trailer);
    const auto inner = rebuild(Family::ipv4, outer_facts(outer).value(), trailer->next_header,
                               {trailer->payload.begin(), trailer->payload.end()});
    REQUIRE(inner);
    CHECK(*inner == unhex(vector.inner));
  }
}

TEST_CASE("beet: each pair of families takes from the outer header what the kernel takes") {
  const Octets payload = unhex("0102030405");
  const OuterFacts from_v4{true, 0xb9, 61, 0x1234, 0xc000, 0};
  const OuterFacts from_v6{false, 0xb9, 61, 0x1234, 0x2000, 0xabcde};
  CHECK(rebuild(Family::ipv4, from_v6, 17, payload).value() ==
        ipv4_packet("10.9.0.1", "10.9.0.2", 17, payload, {.ttl = 61, .id = 0, .df = true, .tos = 0xb9}));
  CHECK(
      rebuild(Family::ipv6, from_v6, 17, payload).value() ==
      ipv6_packet("fd00::1", "fd00::2", 17, payload, {.hop_limit = 61, .traffic_class = 0xb9, .flow_label = 0xabcde}));
  CHECK(rebuild(Family::ipv6, from_v4, 17, payload).value() ==
        ipv6_packet("fd00::1", "fd00::2", 17, payload, {.hop_limit = 61, .traffic_class = 0xb9}));
  const Octets v4_in_v4 = rebuild(Family::ipv4, from_v4, 17, payload).value();
  CHECK(read_u16(v4_in_v4, 4) == 0x1234);
  CHECK(read_u16(v4_in_v4, 6) == 0xc000);  // flags as they came, the reserved one too
}

TEST_CASE("beet: the pseudo header gives back options of every length") {
  for (std::size_t size = 4; size <= 40; size += 4) {
    const Octets options(size, 1), payload = unhex("c0ffee");
    const std::size_t padding = size % 8 == 4 ? 0 : 4;
    Octets body{17, static_cast<std::uint8_t>(size / 8), static_cast<std::uint8_t>(padding), 0x02};
    body.insert(body.end(), padding + size, 1);
    body.insert(body.end(), payload.begin(), payload.end());
    CAPTURE(size);
    CHECK(rebuild(Family::ipv4, OuterFacts{true, 0, 64, 5, 0, 0}, 94, body).value() ==
          ipv4_packet("10.9.0.1", "10.9.0.2", 17, payload, {.id = 5, .options = options}));
  }
}

TEST_CASE("beet: a pseudo header that cannot be is an error at every length") {
  const OuterFacts outer;
  for (const char* text : {"", "11", "1101", "110100", "11010400", "110000", "11000000 9404", "11000500 00000000",
                           "11000200 00000000", "11ff0000 00000000", "1106 0000"})
    CHECK_FALSE(rebuild(Family::ipv4, outer, 94, unhex(text)));
  Octets large(4 + 8 * 6 + 4, 1);  // 48 bytes of options: no IPv4 header has them
  large[1] = 6;
  large[2] = 4;
  CHECK_FALSE(rebuild(Family::ipv4, outer, 94, large));
  CHECK(rebuild(Family::ipv4, outer, 94, unhex("11000400 01010101")));    // no options at all, nothing behind
  CHECK(rebuild(Family::ipv6, outer, 94, unhex("11")).value()[6] == 94);  // IPv6 passes it on
}

TEST_CASE("beet: no selector family, mixed families and over-long packets are errors") {
  const OuterFacts outer;
  Octets out(200'000);
  CHECK_FALSE(rebuild_beet_packet(Family::none, v4_a, v4_b, outer, 17, {}, out));
  CHECK_FALSE(rebuild_beet_packet(Family::ipv6, v4_a, v4_b, outer, 17, {}, out));
  CHECK_FALSE(rebuild_beet_packet(Family::ipv4, v4_a, v6_b, outer, 17, {}, out));
  CHECK(rebuild(Family::ipv4, outer, 17, Octets(65'515)));
  CHECK_FALSE(rebuild(Family::ipv4, outer, 17, Octets(65'516)));
  CHECK(rebuild(Family::ipv6, outer, 17, Octets(65'535)));
  CHECK_FALSE(rebuild(Family::ipv6, outer, 17, Octets(65'536)));
}

TEST_CASE("beet: outer facts come from whole IP headers only") {
  const Octets v4 = ipv4_packet("10.0.0.1", "10.0.0.2", 50, {}), v6 = ipv6_packet("fd00::1", "fd00::2", 50, {});
  for (std::size_t size = 0; size < v4.size(); ++size) CHECK_FALSE(outer_facts(Bytes{v4}.first(size)));
  for (std::size_t size = 0; size < v6.size(); ++size) CHECK_FALSE(outer_facts(Bytes{v6}.first(size)));
  CHECK(outer_facts(v4)->v4);
  CHECK_FALSE(outer_facts(v6)->v4);
}
