#include <algorithm>

#include <espdump/bytes.hpp>

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("wipe: every byte becomes zero, and none beside them") {
  std::vector<std::uint8_t> bytes(100, 0xee);
  wipe(MutableBytes{bytes}.subspan(10, 80));
  CHECK(std::count(bytes.begin(), bytes.begin() + 10, 0xee) == 10);
  CHECK(std::count(bytes.begin() + 10, bytes.begin() + 90, 0) == 80);
  CHECK(std::count(bytes.begin() + 90, bytes.end(), 0xee) == 10);
}

TEST_CASE("wipe: of nothing does nothing") {
  wipe({});
  std::uint8_t byte = 7;
  wipe({&byte, std::size_t{0}});
  CHECK(byte == 7);
}
