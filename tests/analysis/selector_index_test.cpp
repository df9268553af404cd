// What the index finds is what looking at every selector finds.
#include "analysis/selector_index.hpp"

#include <random>

#include "support/catch.hpp"

namespace espdump::test {
namespace {

// Few different ones, so that prefixes, protocols and ports meet.
class Drawing {
 public:
  Selector selector() {
    const bool v4 = below(4) != 0;
    Selector out{
        {address(v4), length(v4)}, {address(v4), length(v4)}, static_cast<std::uint8_t>(below(2) * 17), {}, {}};
    if (below(3) == 0) out.source_port = port();
    if (below(3) == 0) out.destination_port = port();
    return out;
  }
  Traffic traffic() {
    const bool v4 = below(4) != 0;
    Traffic out{address(v4), address(v4), static_cast<std::uint8_t>(6 + below(2) * 11), {}, {}, false};
    if (below(4) != 0) out.source_port = port();
    if (below(4) != 0) out.destination_port = port();
    return out;
  }

 private:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_()) % bound; }
  std::uint16_t port() { return static_cast<std::uint16_t>(below(3)); }
  IpAddress address(bool v4) {
    std::array<std::uint8_t, 16> bytes{10, static_cast<std::uint8_t>(below(2) * 128), 0,
                                       static_cast<std::uint8_t>(below(4))};
    return IpAddress{Bytes{bytes}.first(v4 ? 4 : 16)};
  }
  std::uint8_t length(bool v4) {
    constexpr std::array<std::uint8_t, 6> some{0, 8, 9, 24, 31, 32};
    return v4 || below(2) == 0 ? some[below(some.size())] : 128;
  }

  std::mt19937 random_{1};
};

}  // namespace

TEST_CASE("selector index: finds what covers the traffic, and nothing else") {
  Drawing draw;
  std::vector<Selector> all;
  SelectorIndex<std::vector<std::size_t>> index;
  for (std::size_t i = 0; i < 60; ++i) {
    all.push_back(draw.selector());
    index[all.back()].push_back(i);
  }
  std::size_t covered = 0;
  for (int i = 0; i < 4000; ++i) {
    const Traffic traffic = draw.traffic();
    std::vector<std::size_t> expected, found;
    for (std::size_t at = 0; at < all.size(); ++at)
      if (covers(all[at], traffic)) expected.push_back(at);
    index.any_covering(traffic, [&](const std::vector<std::size_t>& which) {
      found.insert(found.end(), which.begin(), which.end());
      return false;
    });
    std::sort(found.begin(), found.end());
    REQUIRE(found == expected);
    covered += expected.size();
  }
  CHECK(covered > 4000);
}

TEST_CASE("selector index: stops when it is told to") {
  SelectorIndex<int> index;
  const auto wide = Prefix::parse("0.0.0.0/0"), narrow = Prefix::parse("10.0.0.0/8");
  index[{*wide, *wide, 0, {}, {}}] = 1;
  index[{*narrow, *wide, 0, {}, {}}] = 2;
  const Traffic traffic{*IpAddress::parse("10.1.2.3"), *IpAddress::parse("192.0.2.1"), 6, {}, {}, false};
  int seen = 0;
  CHECK(index.any_covering(traffic, [&](int) { return ++seen == 1; }));
  CHECK(seen == 1);
  CHECK(!index.any_covering(traffic, [&](int value) { return value == 3; }));
}

TEST_CASE("selector index: the first bits of an address") {
  const IpAddress address = *IpAddress::parse("192.255.255.255");
  CHECK(first_bits(address, 0).to_string() == "0.0.0.0");
  CHECK(first_bits(address, 9).to_string() == "192.128.0.0");
  CHECK(first_bits(address, 24).to_string() == "192.255.255.0");
  CHECK(first_bits(address, 32) == address);
  CHECK(first_bits(*IpAddress::parse("2001:db8::ff"), 124).to_string() == "2001:db8::f0");
}

}  // namespace espdump::test
