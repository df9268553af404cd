#include "analysis/routed_header.hpp"

#include "support/catch.hpp"
#include "support/craft.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::uint64_t hash_of(const Octets& packet) {
  const auto header = routed_header(packet);
  REQUIRE(header);
  return routed_hash(*header, Bytes{packet}.subspan(header->size));
}

// The bits of a packet that do not count, behind the version and, of IPv4, the header's length.
std::vector<std::size_t> free_bits(Octets packet) {
  const std::size_t first = packet[0] >> 4 == 4 ? 8 : 4;
  const std::uint64_t hash = hash_of(packet);
  std::vector<std::size_t> out;
  for (std::size_t bit = first; bit < packet.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> bit % 8);
    packet[bit / 8] ^= mask;
    if (hash_of(packet) == hash) out.push_back(bit);
    packet[bit / 8] ^= mask;
  }
  return out;
}

std::vector<std::size_t> bits(std::initializer_list<std::pair<std::size_t, std::size_t>> ranges) {
  std::vector<std::size_t> out;
  for (const auto& [from, to] : ranges)
    for (std::size_t bit = from; bit < to; ++bit) out.push_back(bit);
  return out;
}

}  // namespace

TEST_CASE("routed header: of IPv4 all counts but TOS, TTL and checksum") {
  CHECK(free_bits(ipv4_packet("192.0.2.1", "192.0.2.2", 17, Octets(30, 5))) == bits({{8, 16}, {64, 72}, {80, 96}}));
}

TEST_CASE("routed header: of IPv6 all counts but traffic class and hop limit") {
  CHECK(free_bits(ipv6_packet("2001:db8::1", "2001:db8::2", 17, Octets(30, 5))) == bits({{4, 12}, {56, 64}}));
}

TEST_CASE("routed header: what is no IP, or too short for it, has none") {
  CHECK_FALSE(routed_header({}));
  CHECK_FALSE(routed_header(Octets(60, 0x55)));
  const Octets packet = ipv6_packet("2001:db8::1", "2001:db8::2", 17, {});
  CHECK_FALSE(routed_header(Bytes{packet}.first(39)));
}
