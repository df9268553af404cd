#include "base/bucket_table.hpp"

#include <random>
#include <vector>

#include "support/catch.hpp"

using namespace espdump;

namespace {

struct Entry {
  std::uint64_t hash = 0;
  std::uint64_t frame = 0;
};

}  // namespace

TEST_CASE("bucket table: an empty one has nothing, a hash of 0 is one like any other") {
  BucketTable<Entry, &Entry::hash, 8, 64> table;
  CHECK(table.find(0) == nullptr);
  table.remember({0, 7});
  REQUIRE(table.find(0) != nullptr);
  CHECK(table.find(0)->frame == 7);
  CHECK(table.find(1) == nullptr);
}

TEST_CASE("bucket table: nothing is forgotten below the bound, wherever the hashes fall") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random{seed};
  BucketTable<Entry, &Entry::hash, 8, 1U << 20> table;
  std::vector<std::uint64_t> hashes;
  for (std::uint64_t frame = 1; frame <= 5000; ++frame) {
    hashes.push_back(random());
    table.remember({hashes.back(), frame});
  }
  for (std::uint64_t frame = 1; frame <= hashes.size(); ++frame) {
    const Entry* found = table.find(hashes[frame - 1]);
    REQUIRE(found != nullptr);
    REQUIRE(found->frame == frame);
  }
}

TEST_CASE("bucket table: at the bound the oldest of a bucket makes room") {
  BucketTable<Entry, &Entry::hash, 8, 8> table;
  for (std::uint64_t n = 1; n <= 20; ++n) table.remember({n, n});
  for (std::uint64_t n = 1; n <= 12; ++n) CHECK(table.find(n) == nullptr);
  for (std::uint64_t n = 13; n <= 20; ++n) CHECK(table.find(n) != nullptr);
}

TEST_CASE("bucket table: a full one remembers runs of neighbouring hashes as well as scattered ones") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  constexpr std::uint64_t places = 1U << 16, run = 64;
  const bool runs = GENERATE(false, true);
  std::mt19937_64 random{seed};
  BucketTable<Entry, &Entry::hash, 8, places> table;
  std::vector<std::uint64_t> hashes;
  while (hashes.size() < places) {
    const std::uint64_t hash = random();
    for (std::uint64_t i = 0; i < (runs ? run : 1); ++i) hashes.push_back(hash ^ i);
  }
  for (std::uint64_t frame = 1; frame <= places; ++frame) table.remember({hashes[frame - 1], frame});
  std::size_t found = 0;
  for (std::uint64_t frame = 1; frame <= places; ++frame) {
    const Entry* entry = table.find(hashes[frame - 1]);
    found += entry != nullptr && entry->frame == frame ? 1 : 0;
  }
  CHECK(found > places - places / 10);
}
