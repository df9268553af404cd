#include "page/timeline.hpp"

#include "page/sa_track.hpp"
#include "support/catch.hpp"

using namespace espdump;

namespace {

std::uint64_t sum(const Timeline<ByteStep>& timeline) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < timeline.used(); ++i) out += timeline[i].outer;
  return out;
}

}  // namespace

TEST_CASE("timeline: nothing is lost where steps grow wider") {
  Timeline<ByteStep> timeline;
  std::uint64_t added = 0;
  for (std::int64_t time = 1000; time < 100'000'000'000'000; time = time * 5 / 4) {
    timeline.at({time}).outer += 7;
    added += 7;
    REQUIRE(timeline.used() <= Timeline<ByteStep>::most_steps);
  }
  CHECK(sum(timeline) == added);
  CHECK(timeline.start().nanoseconds == 1000);
  CHECK(timeline.width() * static_cast<std::int64_t>(timeline.used()) >= 79'000'000'000'000);
}

TEST_CASE("timeline: the furthest times there are, in either order") {
  Timeline<ByteStep> timeline;
  timeline.at({-Timestamp::furthest}).outer = 1;
  timeline.at({Timestamp::furthest}).outer = 2;
  timeline.at({-Timestamp::furthest}).outer += 4;
  CHECK(sum(timeline) == 7);
  Timeline<ByteStep> backwards;
  backwards.at({Timestamp::furthest}).outer = 1;
  backwards.at({-Timestamp::furthest}).outer += 2;  // before the first: in its step
  CHECK(backwards.used() == 1);
  CHECK(backwards[0].outer == 3);
}

TEST_CASE("timeline: numbers of joined steps span both") {
  NumberStep one, other;
  CHECK(one.empty());
  one.add(5);
  other.add(9);
  other.add(7);
  one.join(other);
  CHECK(one.least == 5);
  CHECK(one.most == 9);
  one.join(NumberStep{});
  CHECK(one.most == 9);
}
