#include "decode/sighting_log.hpp"

#include "support/catch.hpp"

using namespace espdump;

namespace {

constexpr std::int64_t us = 1'000, ms = 1'000'000, s = 1'000'000'000;

Sighting first() {
  Sighting out;
  out.digest = 11;
  out.link = 22;
  out.frame = 1;
  out.time = 1'000 * s;
  out.sequence = 5;
  out.ip_id = 77;
  out.ttl = 64;
  return out;
}

Sighting later(std::int64_t gap) {
  Sighting out = first();
  out.frame = 2;
  out.time += gap;
  return out;
}

bool again(const Sighting& now) { return is_captured_again(first(), now); }

}  // namespace

TEST_CASE("sighting: the same packet at the same point is a copy only within 50 us") {
  CHECK(again(later(0)));
  CHECK(again(later(50 * us)));
  CHECK_FALSE(again(later(50 * us + 1)));
  CHECK_FALSE(again(later(2 * ms)));
}

TEST_CASE("sighting: behind another link header or interface it is a copy within 5 ms") {
  const auto elsewhere = [](std::int64_t gap) {
    Sighting out = later(gap);
    out.link = 23;
    return out;
  };
  CHECK(again(elsewhere(50 * us + 1)));
  CHECK(again(elsewhere(5 * ms)));
  CHECK_FALSE(again(elsewhere(5 * ms + 1)));
  CHECK_FALSE(again(elsewhere(3 * s)));
}

TEST_CASE("sighting: a TTL lowered by a router makes another capture point") {
  const auto routed = [](std::int64_t gap) {
    Sighting out = later(gap);
    out.ttl = 63;
    return out;
  };
  CHECK(again(routed(5 * ms)));
  CHECK_FALSE(again(routed(5 * ms + 1)));
}

TEST_CASE("sighting: the any device does not tell interfaces apart, so 5 ms hold there") {
  Sighting now = later(5 * ms);
  now.any_device = true;
  CHECK(again(now));
  now.time += 1;
  CHECK_FALSE(again(now));
}

TEST_CASE("sighting: another IP ID or other bytes are never a copy, however near") {
  Sighting other_id = later(0);
  other_id.ip_id = 78;
  other_id.link = 23;
  CHECK_FALSE(again(other_id));
  Sighting other_bytes = later(0);
  other_bytes.digest = 12;
  other_bytes.link = 23;
  CHECK_FALSE(again(other_bytes));
}

TEST_CASE("sighting: another file may see the packet once within 2 s; a second time it has to prove it") {
  Sighting before = first();
  before.files = 1;
  Sighting now = later(2 * s);
  now.file = 1;
  CHECK(is_captured_again(before, now));
  now.time += 1;
  CHECK_FALSE(is_captured_again(before, now));
  now.time = before.time + 6 * ms;
  before.files = 3;
  CHECK_FALSE(is_captured_again(before, now));
}

TEST_CASE("sighting: the ring remembers which files saw a packet") {
  SightingLog log;
  SightingRing ring;
  ring.remember(first(), 1, log);
  Sighting far = later(40 * ms);
  far.file = 1;
  CHECK(ring.find_copied(far, log) != nullptr);
  far.time += 40 * ms;
  CHECK(ring.find_copied(far, log) == nullptr);
}

TEST_CASE("sighting: a clock that steps back is judged by the distance") {
  CHECK(again(later(-50 * us)));
  CHECK_FALSE(again(later(-51 * us)));
  Sighting elsewhere = later(-5 * ms);
  elsewhere.link = 23;
  CHECK(again(elsewhere));
}

TEST_CASE("sighting ring: empty it finds nothing, then the first sighting of each copy") {
  SightingLog log;
  SightingRing ring;
  CHECK(ring.find_copied(later(0), log) == nullptr);
  ring.remember(first(), 1, log);
  const Sighting* found = ring.find_copied(later(us), log);
  REQUIRE(found != nullptr);
  CHECK(found->frame == 1);
  CHECK(ring.find_copied(later(s), log) == nullptr);
}

TEST_CASE("sighting ring: while it grows to 256 nothing recent is lost") {
  SightingLog log;
  SightingRing ring;
  const auto numbered = [](std::uint32_t sequence, FrameNumber frame) {
    Sighting out = first();
    out.sequence = sequence;
    out.digest = sequence;
    out.frame = frame;
    return out;
  };
  for (std::uint32_t n = 0; n < 256; ++n) {
    ring.remember(numbered(n, n + 1), 1, log);
    for (std::uint32_t old = n < 7 ? 0 : n - 7; old <= n; ++old) {
      const Sighting* found = ring.find_copied(numbered(old, 1'000), log);
      REQUIRE(found != nullptr);
      REQUIRE(found->frame == old + 1);
    }
  }
  for (std::uint32_t n = 0; n < 256; ++n) REQUIRE(ring.find_copied(numbered(n, 1'000), log) != nullptr);
  ring.remember(numbered(256 + 9, 300), 1, log);
  CHECK(ring.find_copied(numbered(9, 1'000), log) == nullptr);
  CHECK(ring.find_copied(numbered(10, 1'000), log) != nullptr);
  REQUIRE(ring.find_copied(numbered(265, 1'000), log) != nullptr);
  CHECK(ring.find_copied(numbered(265, 1'000), log)->frame == 300);
}

TEST_CASE("sighting log: the latest 262,144 are found at their places, older ones are forgotten") {
  SightingLog log;
  CHECK(log.at(0) == nullptr);
  CHECK(log.at(log.next()) == nullptr);
  Sighting sighting = first();
  std::vector<SightingPlace> places;
  for (FrameNumber frame = 1; frame <= SightingLog::most + 5'000; ++frame) {
    sighting.frame = frame;
    places.push_back(log.next());
    log.add(sighting);
  }
  for (std::size_t at = 0; at < 5'000; ++at) REQUIRE(log.at(places[at]) == nullptr);
  for (std::size_t at = 5'000; at < places.size(); ++at) {
    const Sighting* found = log.at(places[at]);
    REQUIRE(found != nullptr);
    REQUIRE(found->frame == at + 1);
  }
  CHECK(log.at(log.next()) == nullptr);
}
