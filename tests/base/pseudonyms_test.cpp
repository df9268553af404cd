#include "base/pseudonyms.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "support/catch.hpp"
#include "support/random.hpp"

using namespace espdump;

namespace {

constexpr std::array<std::uint8_t, 16> secret{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

IpAddress address(std::string_view text) {
  const auto out = IpAddress::parse(text);
  REQUIRE(out);
  return *out;
}

std::size_t common(const IpAddress& one, const IpAddress& other) {
  std::size_t bits = 0;
  while (bits < one.size() * 8 && ((one.bytes()[bits / 8] ^ other.bytes()[bits / 8]) >> (7 - bits % 8) & 1U) == 0)
    ++bits;
  return bits;
}

bool is_in(const IpAddress& one, std::string_view prefix) { return Prefix::parse(prefix)->contains(one); }

}  // namespace

TEST_CASE("pseudonyms: leading bits that two addresses have in common stay in common, and no more") {
  const Pseudonyms pseudonyms{secret};
  std::uint64_t state = 42;
  const auto next = [&state] { return state = state * 6364136223846793005U + 1442695040888963407U; };
  std::set<IpAddress> seen, others;
  for (int i = 0; i < 300; ++i) {
    std::array<std::uint8_t, 16> one{}, two{};
    const std::size_t size = i % 2 == 0 ? 4 : 16, shared = next() >> 33U;
    for (std::size_t at = 0; at < size; ++at) {
      one[at] = static_cast<std::uint8_t>(next() >> 40U);
      two[at] = at < shared % size ? one[at] : static_cast<std::uint8_t>(next() >> 40U);
    }
    const IpAddress a{Bytes{one}.first(size)}, b{Bytes{two}.first(size)};
    INFO(a.to_string() << " " << b.to_string());
    CHECK(common(pseudonyms.of(a), pseudonyms.of(b)) == common(a, b));
    seen.insert(a);
    others.insert(pseudonyms.of(a));
  }
  CHECK(seen.size() == others.size());
}

TEST_CASE("pseudonyms: what kind of address it is can still be told") {
  const Pseudonyms pseudonyms{secret};
  for (const auto& [one, prefix] :
       {std::pair{"10.1.2.3", "10.0.0.0/8"}, std::pair{"172.16.9.1", "172.16.0.0/12"},
        std::pair{"192.168.1.1", "192.168.0.0/16"}, std::pair{"100.64.1.1", "100.64.0.0/10"},
        std::pair{"169.254.3.4", "169.254.0.0/16"}, std::pair{"fe80::1", "fe80::/10"}, std::pair{"fd00::1", "fc00::/7"},
        std::pair{"ff02::1:ff01:203", "ff02::/16"}}) {
    INFO(one);
    CHECK(is_in(pseudonyms.of(address(one)), prefix));
    CHECK(pseudonyms.of(address(one)) != address(one));
  }
  for (const char* one : {"0.0.0.0", "127.0.0.1", "224.0.0.5", "255.255.255.255", "::", "::1", "ff02::5"})
    CHECK(pseudonyms.of(address(one)) == address(one));
  for (const char* prefix : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "224.0.0.0/4"})
    CHECK_FALSE(is_in(pseudonyms.of(address("203.0.113.77")), prefix));
  CHECK(pseudonyms.of(IpAddress{}) == IpAddress{});
}

TEST_CASE("pseudonyms: an IPv4 address inside IPv6 is that of IPv4") {
  const Pseudonyms pseudonyms{secret};
  const IpAddress mapped = pseudonyms.of(address("::ffff:192.0.2.7"));
  CHECK(IpAddress{mapped.bytes().last(4)} == pseudonyms.of(address("192.0.2.7")));
}

TEST_CASE("pseudonyms: the key makes them") {
  const Pseudonyms one{secret}, same{secret}, other{Bytes{secret}.first(15)};
  CHECK(one.of(address("203.0.113.77")) == same.of(address("203.0.113.77")));
  CHECK(one.of(address("203.0.113.77")) != other.of(address("203.0.113.77")));
  CHECK(one.of_name("carol") == same.of_name("carol"));
  CHECK(one.of_name("carol") != one.of_name("dave"));
  CHECK(one.of_name("carol") != other.of_name("carol"));
  CHECK(one.of_name("").empty());
}

TEST_CASE("pseudonyms: hardware addresses are local ones; groups stay") {
  const Pseudonyms pseudonyms{secret};
  const std::array<std::uint8_t, 6> card{0x52, 0x54, 0, 0x4b, 0xe4, 0xe3}, all{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  const std::vector<std::uint8_t> other = pseudonyms.of_hardware(card);
  REQUIRE(other.size() == card.size());
  CHECK(other[0] == 2);
  CHECK_FALSE(std::equal(other.begin() + 1, other.end(), card.begin() + 1));
  CHECK(other == pseudonyms.of_hardware(card));
  CHECK(pseudonyms.of_hardware(all) == std::vector<std::uint8_t>(6, 0xff));
}
