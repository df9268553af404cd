// Tests made for gateways, as a Linux kernel (6.1) took them: what it counted is what is expected of a gateway.
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "support/capture_rig.hpp"
#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::string text_of(const std::string& path) {
  std::ifstream in{path};
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Counted {
  std::uint64_t packets = 0, replay_window = 0, replay = 0, failed = 0;
};

Counted counted_by_kernel(const std::string& path) {
  const std::string text = text_of(path);
  std::smatch packets, stats;
  REQUIRE(std::regex_search(text, packets, std::regex{R"(current:\s+\d+\(bytes\), (\d+)\(packets\))"}));
  REQUIRE(std::regex_search(text, stats, std::regex{R"(stats:\s+replay-window (\d+) replay (\d+) failed (\d+))"}));
  return {std::stoull(packets[1]), std::stoull(stats[1]), std::stoull(stats[2]), std::stoull(stats[3])};
}

// How often each expectation is in the list of what was planted.
std::map<std::string, std::uint64_t> expected_in(const std::string& path, std::uint64_t& second_fragments) {
  std::ifstream in{path};
  std::map<std::string, std::uint64_t> out;
  const std::regex line{R"re("kind":"([^"]+)","expect":"([^"]+)")re"};
  for (std::string text; std::getline(in, text);) {
    std::smatch found;
    if (!std::regex_search(text, found, line)) continue;
    // A keepalive is for no SA, and what may go either way a receiver takes but for these.
    const bool is_either = found[2] == "either";
    if (found[1] == "keepalive" || (is_either && found[1] != "df-large"))
      ++out["nothing"];
    else
      ++out[is_either ? "forward" : found[2].str()];
    if (found[1].str().rfind("fragments", 0) == 0) ++second_fragments;
  }
  return out;
}

}  // namespace

TEST_CASE("gateway_kernel: a kernel accepts all that a gateway has to forward, and counts the rest as espdump does") {
  for (const std::string suite : {"gcm", "esn", "udp"}) {
    INFO(suite);
    const std::string path = testdata("captures/gateway-test/" + suite);
    const Counted kernel = counted_by_kernel(path + "-xfrm-state-s.txt");
    std::uint64_t second_fragments = 0;
    auto expected = expected_in(path + "-planted.json", second_fragments);
    CaptureRig rig{"captures/gateway-test/" + suite + "-xfrm-state.txt"};
    rig.read({"gateway-test/" + suite + ".pcap"});
    const std::uint64_t frames = frames_of(path + ".pcap").size();
    const std::uint64_t planted = expected["forward"] + expected["drop"] + expected["nothing"];
    const std::uint64_t as_they_were = frames - planted - second_fragments;
    CHECK(expected["drop"] >= 20);
    CHECK(kernel.packets == as_they_were + expected["forward"]);
    const SaStatistics sa = rig.sa(0);
    CHECK(sa.kernel.replay_window == kernel.replay_window);
    CHECK(sa.kernel.replay == kernel.replay);
    CHECK(sa.kernel.failed == kernel.failed);
  }
}
