#include "base/packet_hash.hpp"

#include <set>
#include <vector>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("packet hash: equal bytes hash equally, wherever they stand, and any bit and length counts") {
  for (const std::size_t size : {1U, 3U, 8U, 16U, 17U, 64U, 128U, 129U, 240U, 241U, 500U, 1400U}) {
    std::vector<std::uint8_t> bytes(size, 0x5a);
    const std::uint64_t first = packet_hash(bytes);
    std::vector<std::uint8_t> moved(size + 3, 0x5a);
    CHECK(packet_hash(Bytes{moved}.subspan(3)) == first);
    std::set<std::uint64_t> seen{first, packet_hash(Bytes{bytes}.first(size - 1))};
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
      seen.insert(packet_hash(bytes));
      bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1U << bit % 8);
    }
    CHECK(seen.size() == size * 8 + 2);
  }
  CHECK(packet_hash({}) == packet_hash({}));
}

TEST_CASE("short hash: both parts and their border count, whatever their length") {
  const auto bytes = unhex("00112233445566778899");
  const Bytes whole{bytes};
  std::set<std::uint64_t> seen;
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    seen.insert(short_hash(whole.first(cut), whole.subspan(cut)));
    CHECK(short_hash(whole.first(cut), whole.subspan(cut)) == short_hash(whole.first(cut), whole.subspan(cut)));
  }
  CHECK(seen.size() == whole.size() + 1);
  std::vector<std::uint8_t> longer(200, 7);
  std::set<std::uint64_t> lengths;
  for (std::size_t size = 0; size <= longer.size(); ++size)
    lengths.insert(short_hash(whole, Bytes{longer}.first(size)));
  CHECK(lengths.size() == longer.size() + 1);
}

TEST_CASE("packet_hash: a table's hash is that of the bytes, numbers and texts alike in a few bits fall apart") {
  const SecretHash hash;
  CHECK(hash(7) == hash(7));
  CHECK(hash(std::string_view{"seven"}) == hash(std::string{"seven"}));
  std::set<std::size_t> low;
  for (std::uint64_t i = 0; i < 1000; ++i) low.insert(hash(i << 32U) % 4096);
  CHECK(low.size() > 500);
}
