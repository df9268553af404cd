#include "decode/plausible.hpp"

#include <espdump/wire/ipv4.hpp>

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/random.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::uint8_t icmp = 1, ipv4 = 4, tcp = 6, udp = 17, ipv6 = 41, gre = 47, dummy = 59;

EspTrailer trailer(const Octets& payload, std::uint8_t next_header, std::uint8_t pad_length = 0,
                   bool standard_padding = true) {
  return {payload, pad_length, next_header, standard_padding};
}

Octets inner() { return ipv4_packet("10.0.0.1", "10.0.0.2", icmp, icmp_echo(1, 2, Octets(20))); }

}  // namespace

TEST_CASE("plausible: an IP packet has the version that its next header says, anything else ordinary padding") {
  CHECK(is_plausible(trailer(inner(), ipv4)));
  CHECK(is_plausible(trailer(inner(), ipv4, 2, false)));
  CHECK_FALSE(is_plausible(trailer(inner(), ipv6)));
  CHECK_FALSE(is_plausible(trailer({}, ipv4)));
  CHECK(is_plausible(trailer({}, dummy)));
  const Octets some(8);
  CHECK(is_plausible(trailer(some, gre)));
  CHECK_FALSE(is_plausible(trailer(some, gre, 2, false)));
  CHECK(is_plausible(trailer(some, gre, 2, false), true));
}

TEST_CASE("plausible: whole packets convince, and cease to when their header or padding is off") {
  const Octets v4 = inner();
  CHECK(is_convincing(trailer(v4, ipv4)));
  CHECK_FALSE(is_convincing(trailer(v4, ipv4, 2, false)));
  for (std::size_t at = 0; at < wire::Ipv4::min_size; ++at) {
    Octets damaged = v4;
    damaged[at] ^= 1;
    CAPTURE(at);
    CHECK_FALSE(is_convincing(trailer(damaged, ipv4)));
  }
  const Octets datagram = udp_datagram("10.0.0.1", "10.0.0.2", 1000, 2000, Octets(30));
  const Octets v6 = ipv6_packet("fd00::1", "fd00::2", udp, datagram);
  CHECK(is_convincing(trailer(v6, ipv6)));
  CHECK_FALSE(is_convincing(trailer({v6.begin(), v6.end() - 1}, ipv6)));
  CHECK(is_convincing(trailer(datagram, udp)));
  CHECK_FALSE(is_convincing(trailer({datagram.begin(), datagram.end() - 1}, udp)));
  CHECK(is_convincing(trailer(icmp_echo(1, 2, Octets(9)), icmp)));
  CHECK_FALSE(is_convincing(trailer(Octets(20, 1), icmp)));
  CHECK_FALSE(is_convincing(trailer({}, icmp)));
  CHECK_FALSE(is_convincing(trailer(Octets(20), tcp)));
}

TEST_CASE("plausible: where nothing else can be looked at, padding must be long enough to tell") {
  const Octets some(8, 7);
  for (std::uint8_t pad_length = 0; pad_length < 3; ++pad_length)
    CHECK_FALSE(is_convincing(trailer(some, gre, pad_length)));
  CHECK(is_convincing(trailer(some, gre, 3)));
  CHECK_FALSE(is_convincing(trailer(some, gre, 3, false)));
}

TEST_CASE("plausible: noise hardly ever convinces") {
  Random random;
  CAPTURE(random.seed());
  Octets noise(64);
  int convinced = 0;
  for (int times = 0; times < 20'000; ++times) {
    for (auto& byte : noise) byte = static_cast<std::uint8_t>(random.below(256));
    const auto read = read_trailer(noise);
    if (read && is_convincing(*read)) ++convinced;
  }
  CHECK(convinced <= 5);  // about one in 90,000: the TCP headers
}
