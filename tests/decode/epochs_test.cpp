#include "decode/epochs.hpp"

#include <algorithm>
#include <set>

#include "support/catch.hpp"

using namespace espdump;

namespace {

using Halves = std::vector<std::uint32_t>;

SecurityAssociation at(std::vector<WindowPosition> positions) {
  SecurityAssociation sa;
  sa.esn = true;
  sa.positions = std::move(positions);
  return sa;
}

std::uint64_t in_cycle(std::uint32_t high) { return std::uint64_t{high} << 32 | 77; }

}  // namespace

TEST_CASE("epochs: without a dump's position 0 and 1 are tried") {
  CHECK(first_high_halves(at({}), false) == Halves{0, 1});
}

TEST_CASE("epochs: the cycles of a dump come first, each with the one before, none twice") {
  CHECK(first_high_halves(at({{in_cycle(5), 0}}), false) == Halves{5, 4, 0, 1});
  CHECK(first_high_halves(at({{0, in_cycle(9)}}), false) == Halves{0, 9, 8, 1});
  CHECK(first_high_halves(at({{in_cycle(1), 0}, {in_cycle(2), 0}}), false) == Halves{1, 0, 2});
}

TEST_CASE("epochs: the wide search has every cycle up to 4096, the likely ones still first") {
  const Halves halves = first_high_halves(at({{in_cycle(70'000), 0}}), true);
  CHECK(Halves(halves.begin(), halves.begin() + 4) == Halves{70'000, 69'999, 0, 1});
  const std::set<std::uint32_t> all(halves.begin(), halves.end());
  for (std::uint32_t high = 0; high <= 4096; ++high) REQUIRE(all.count(high) == 1);
  CHECK(all.count(4097) == 0);
}

TEST_CASE("epochs: of very many snapshots only the first 16 count") {
  std::vector<WindowPosition> positions;
  for (std::uint32_t n = 0; n < 1'000; ++n) positions.push_back({in_cycle(10 * n + 10), 0});
  const Halves halves = first_high_halves(at(positions), false);
  CHECK(halves.size() == 16 * 2 + 2);
  CHECK(std::count(halves.begin(), halves.end(), 170U) == 0);
}
