#include "base/mix.hpp"

#include <set>
#include <vector>

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("mix: each byte counts wherever it stands, and whatever the length") {
  for (std::size_t size = 1; size <= 40; ++size) {
    std::set<std::uint64_t> seen{mix(0, Bytes{std::vector<std::uint8_t>(size)})};
    for (std::size_t at = 0; at < size; ++at) {
      std::vector<std::uint8_t> bytes(size);
      for (const unsigned value : {0x01U, 0x80U, 0xffU}) {
        bytes[at] = static_cast<std::uint8_t>(value);
        seen.insert(mix(0, Bytes{bytes}));
      }
    }
    CHECK(seen.size() == 1 + 3 * size);
  }
}

TEST_CASE("mix: the state before counts, nothing changes nothing") {
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK(mix(1, Bytes{bytes}) != mix(2, Bytes{bytes}));
  CHECK(mix(5, Bytes{}) == 5);
  CHECK(mix(5, Bytes{bytes}) == mix(5, Bytes{bytes}));
}
