// The arithmetic against 38 SAs of a kernel: what fits left in one piece, one byte more in two.
#include <espdump/codes.hpp>

#include <cstdlib>
#include <map>
#include <sstream>

#include "analysis/overhead.hpp"
#include "support/capture_rig.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Truth {
  std::string suite, mode, inner;
  std::size_t link_mtu = 0, largest = 0, smallest_in_two = 0, route_mtu = 0;
};

std::map<std::uint32_t, Truth> truths() {
  const auto bytes = read_file(testdata("captures/mtu-suites/truth.txt"));
  std::istringstream lines{std::string{bytes.begin(), bytes.end()}};
  std::map<std::uint32_t, Truth> out;
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words{line};
    std::string spi;
    Truth truth;
    words >> spi >> truth.suite >> truth.mode >> truth.inner >> truth.link_mtu >> truth.largest >>
        truth.smallest_in_two >> truth.route_mtu;
    out[static_cast<std::uint32_t>(std::strtoul(spi.c_str(), nullptr, 16))] = truth;
  }
  return out;
}

}  // namespace

TEST_CASE("MTU: the largest packet that a kernel sends in one piece, suite by suite") {
  CaptureRig rig{"captures/mtu-suites/xfrm-state.txt"};
  rig.read({"mtu-suites/wire.pcap"});
  const auto expected = truths();
  REQUIRE(expected.size() == 38);
  std::size_t met = 0;
  for (const SaStatistics& sa : rig.decoder().statistics()) {
    const Truth& truth = expected.at(sa.spi);
    INFO(truth.suite << " " << truth.mode << " " << truth.inner << " in " << sa.source.to_string() << " at "
                     << truth.link_mtu);
    REQUIRE(sa.association != nullptr);
    const auto overhead = overhead_of(*sa.association, truth.inner == "ipv6" ? Family::ipv6 : Family::ipv4);
    REQUIRE(overhead);
    CHECK(largest_inner(*overhead, truth.link_mtu) == truth.largest);
    CHECK(truth.smallest_in_two == truth.largest + 1);
    CHECK(linux_mtu(*overhead, truth.link_mtu) == truth.route_mtu);
    CHECK(sa.decrypted == 3);
    const SaSizes& sizes = rig.paths().sas.at(sa.number);
    CHECK(sizes.in_pieces.count() == 1);
    CHECK(sizes.largest_outer == outer_size(*overhead, truth.largest));
    CHECK(sizes.smallest_in_pieces == outer_size(*overhead, truth.smallest_in_two));
    CHECK(sizes.largest_inner == truth.smallest_in_two);
    ++met;
  }
  CHECK(met == 38);
  CHECK(rig.found(codes::mtu_outer_fragments).size() == 38);
}
