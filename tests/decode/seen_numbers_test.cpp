#include <set>

#include "decode/replay_window.hpp"
#include "support/catch.hpp"
#include "support/random.hpp"

using namespace espdump;
using espdump::test::Random;

TEST_CASE("seen numbers: random input gives what a set of all numbers gives") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 30; ++round) {
    const std::uint64_t base = random.chance(2) ? random.below(10) : (1ULL << 32) - 500;
    const std::uint64_t span = 1 + random.below(2000);
    SeenNumbers seen;
    std::set<std::uint64_t> model;
    for (int i = 0; i < 1000; ++i) {
      const std::uint64_t number =
          base + (random.chance(2) ? static_cast<std::uint64_t>(i) % span : random.below(span));
      REQUIRE(seen.contains(number) == (model.count(number) != 0));
      REQUIRE(seen.insert(number) == model.insert(number).second);
      REQUIRE(seen.count() == model.size());
    }
    CHECK(seen.lowest() == *model.begin());
    CHECK(seen.highest() == *model.rbegin());
    CHECK(seen.missing() == *model.rbegin() - *model.begin() + 1 - model.size());
    std::uint64_t in_gaps = 0;
    for (const auto& [first, last] : seen.gaps(100'000))
      for (std::uint64_t n = first; n <= last; ++n, ++in_gaps) REQUIRE(model.count(n) == 0);
    CHECK(in_gaps == seen.missing());
    CHECK(seen.forgotten() == 0);
  }
}

TEST_CASE("seen numbers: empty, one, and the ends of 64 bits") {
  SeenNumbers seen;
  CHECK(seen.missing() == 0);
  CHECK(seen.count() == 0);
  CHECK_FALSE(seen.contains(0));
  CHECK(seen.insert(~0ULL));
  CHECK_FALSE(seen.insert(~0ULL));
  CHECK(seen.missing() == 0);
  CHECK(seen.insert(~0ULL - 2));
  CHECK(seen.missing() == 1);
  CHECK(seen.insert(0));
  CHECK(seen.missing() == ~0ULL - 2);
  CHECK(seen.gaps(1) == std::vector<SeenNumbers::Range>{{1, ~0ULL - 3}});
}

TEST_CASE("seen numbers: beyond the bound the oldest gaps are forgotten and counted") {
  SeenNumbers seen;
  const std::uint64_t more = 1000;
  for (std::uint64_t i = 0; i < SeenNumbers::most_ranges + more; ++i) CHECK(seen.insert(3 * i));
  CHECK(seen.count() == SeenNumbers::most_ranges + more);
  CHECK(seen.forgotten() == 2 * more);
  CHECK(seen.missing() == 2 * (SeenNumbers::most_ranges + more - 1));
  CHECK(seen.gaps(1'000'000).size() == SeenNumbers::most_ranges - 1);
  CHECK(seen.contains(1));
  CHECK_FALSE(seen.insert(1));
  CHECK(seen.insert(3 * more + 1));
  CHECK(seen.missing() == 2 * (SeenNumbers::most_ranges + more - 1) - 1);
}
