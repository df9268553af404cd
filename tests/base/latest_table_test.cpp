#include "base/latest_table.hpp"

#include <map>
#include <random>

#include "support/catch.hpp"

using namespace espdump;

namespace {

struct Entry {
  std::uint64_t its_number = 0;
  std::uint64_t place = 0;
  [[nodiscard]] std::uint64_t number() const { return its_number; }
};
using Table = LatestTable<Entry, 4, 64>;

}  // namespace

TEST_CASE("latest table: an empty one has nothing, a number of 0 is one like any other") {
  Table table;
  CHECK(table.find(0) == nullptr);
  CHECK(table.in_slot_of(0) == nullptr);
  table.remember({0, 7});
  REQUIRE(table.find(0) != nullptr);
  CHECK(table.find(0)->place == 7);
}

TEST_CASE("latest table: numbers in a row are kept up to the bound, then the newest of them") {
  Table table;
  for (std::uint64_t n = 1; n <= 200; ++n) table.remember({n, n});
  for (std::uint64_t n = 1; n <= 136; ++n) CHECK(table.find(n) == nullptr);
  for (std::uint64_t n = 137; n <= 200; ++n) REQUIRE(table.find(n) != nullptr);
}

TEST_CASE("latest table: whatever is found is what was remembered last under that number") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  Table table;
  std::map<std::uint64_t, std::uint64_t> model;
  std::size_t found = 0;
  for (std::uint64_t frame = 1; frame <= 5000; ++frame) {
    const std::uint64_t number = random() % 300;
    if (const Entry* entry = table.find(number)) {
      CHECK(entry->number() == number);
      CHECK(entry->place == model.at(number));
      ++found;
    }
    table.remember({number, frame});
    model[number] = frame;
    REQUIRE(table.find(number) != nullptr);
    CHECK(table.in_slot_of(number)->place == frame);
  }
  CHECK(found > 500);
}
