#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

Findings found_after(const SaText& sa, const std::vector<std::uint64_t>& numbers) {
  Rig rig{{sa}};
  for (const std::uint64_t n : numbers) rig.feed(esp_frame(sa, n));
  rig.finish();
  return rig.found(codes::seq_exhausting);
}

const SaText plain{};
const SaText extended{.window = 64, .esn = true};

}  // namespace

TEST_CASE("exhaustion: the last sixteenth of the numbers is close to the end") {
  CHECK(found_after(plain, {0xeffffffe, 0xefffffff}).empty());
  const Findings found = found_after(plain, {0xefffffff, 0xf0000000, 0xf0000001});
  REQUIRE(found.size() == 1);
  CHECK(found[0].frame == 2);
  CHECK(found[0].message == "number 4026531840: 268435455 are left before the 32-bit counter ends");
}

TEST_CASE("exhaustion: a counter that goes on from the beginning came round") {
  const Findings found = found_after(plain, {0xfffffffe, 0xffffffff, 1, 2, 3, 4});
  REQUIRE(found.size() == 2);
  CHECK(found[1].frame == 5);
  CHECK(found[1].message == "number 3 after 4294967295: the 32-bit counter came round under the same key");
}

TEST_CASE("exhaustion: single old packets among high numbers are replays, no new round") {
  CHECK(found_after(plain, {0xfffffff0, 5, 0xfffffff1, 6, 7, 0xfffffff2}).size() == 1);
}

TEST_CASE("exhaustion: extended sequence numbers have no end to come near") {
  CHECK(found_after(extended, {0xfffffffe, 0xffffffff, 0x100000000, 0x100000001}).empty());
}

TEST_CASE("exhaustion: a forged high number is no evidence") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 1));
  rig.feed(forged(esp_frame(plain, 0xfffffff0)));
  rig.finish();
  CHECK(rig.found(codes::seq_exhausting).empty());
}
