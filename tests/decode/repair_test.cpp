#include "decode/repair.hpp"

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/sa_builder.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::optional<FlippedBit> repair(const std::string& algorithms, Octets esp) {
  SecretArena arena;
  const auto opener = Opener::make(sa_from_text(arena, algorithms));
  REQUIRE(opener);
  return find_flipped_bit(**opener, {esp}, 0);
}

Octets flipped(Octets bytes, std::size_t byte, unsigned bit) {
  bytes[byte] = static_cast<std::uint8_t>(bytes[byte] ^ 1U << bit);
  return bytes;
}

}  // namespace

TEST_CASE("repair: a flipped bit of number, IV or ICV is found, and where") {
  for (const std::string& algorithms : {gcm, cbc_sha256}) {
    const Octets good = esp_of(SaText{.algorithms = algorithms}, 5, inner_v4());
    for (const auto& [byte, field] :
         {std::pair<std::size_t, std::string_view>{6, "sequence number"}, {9, "IV"}, {good.size() - 3, "ICV"}}) {
      const auto found = repair(algorithms, flipped(good, byte, 5));
      REQUIRE(found);
      CHECK(found->field == field);
      CHECK(found->byte == byte);
      CHECK(found->bit == 5);
    }
  }
}

TEST_CASE("repair: two flipped bits, or one of the payload, are beyond it") {
  const Octets good = esp_of(SaText{}, 5, inner_v4());
  CHECK_FALSE(repair(gcm, flipped(flipped(good, 6, 1), 9, 2)));
  CHECK_FALSE(repair(gcm, flipped(good, 30, 0)));
}

TEST_CASE("repair: the finding names the bit, for an SA that verifies otherwise") {
  Rig rig{{SaText{}}};
  rig.feed(esp_frame(SaText{}, 1));
  const Octets esp = flipped(esp_of(SaText{}, 2, inner_v4()), 10, 7);
  rig.feed(ethernet_frame(outer_packet(SaText{}, 50, esp)));
  rig.finish();
  REQUIRE(rig.found(codes::icv_bad).size() == 1);
  CHECK(rig.found(codes::icv_bad)[0].message ==
        "the ICV does not verify, while 1 earlier packet of this SA did: it verifies once bit 7 of byte 10 (IV) is "
        "turned back: damaged on the way");
  CHECK(rig.concluded(codes::icv_bad).at(0).why.find("One flipped bit explains frame 2: bit 7 of byte 10 (IV).") !=
        std::string::npos);
}

TEST_CASE("repair: is tried for eight packets of an SA and no more") {
  Rig rig{{SaText{}}};
  rig.feed(esp_frame(SaText{}, 1));
  int named = 0;
  for (std::uint64_t n = 2; n < 14; ++n) {
    const Octets esp = flipped(esp_of(SaText{}, n, inner_v4()), 10, 7);
    named += rig.feed(ethernet_frame(outer_packet(SaText{}, 50, esp))).ipsec()[0].icv_cause == IcvCause::bit_flip;
  }
  CHECK(named == 8);
}
