#include <set>

#include <espdump/address.hpp>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("keyed hash: equal bytes hash equally, wherever they stand") {
  const auto one = unhex("0102030405060708090a"), other = one;
  CHECK(keyed_hash(one) == keyed_hash(other));
  CHECK(keyed_hash(Bytes{}) == keyed_hash(Bytes{one}.first(0)));
}

TEST_CASE("keyed hash: every length, every place and every bit count") {
  std::set<std::uint64_t> seen{keyed_hash(Bytes{})};
  std::vector<std::uint8_t> bytes(64);
  std::size_t inputs = 1;
  for (std::size_t size = 1; size <= bytes.size(); ++size, ++inputs) seen.insert(keyed_hash(Bytes{bytes}.first(size)));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit, ++inputs) {
    bytes[bit / 8] = static_cast<std::uint8_t>(1U << bit % 8);
    seen.insert(keyed_hash(bytes));
    bytes[bit / 8] = 0;
  }
  CHECK(seen.size() == inputs);
}

TEST_CASE("keyed hash: of two parts, both and their border count") {
  const auto bytes = unhex("00112233445566778899");
  const Bytes whole{bytes};
  CHECK(keyed_hash(whole.first(4), whole.subspan(4)) == keyed_hash(whole.first(4), whole.subspan(4)));
  std::set<std::uint64_t> seen{keyed_hash(whole)};
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) seen.insert(keyed_hash(whole.first(cut), whole.subspan(cut)));
  seen.insert(keyed_hash(whole.subspan(4), whole.first(4)));
  CHECK(seen.size() == whole.size() + 3);
}
