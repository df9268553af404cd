// Captures in two places: what left one and never came by the other.
#include <espdump/codes.hpp>

#include <map>

#include "support/capture_rig.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string near_a = "mss-mtu-a-blackhole/wire.pcap", far_a = "mss-mtu-a-blackhole/wire-g2.pcap";
const std::string dump_a = "captures/mss-mtu-a-blackhole/xfrm-state.txt";
constexpr std::int64_t hour = 3'600'000'000'000;

const Crossing& crossing_of(CaptureRig& rig, SaNumber sa) {
  for (const Crossing& crossing : rig.paths().crossings)
    if (crossing.sa == sa) return crossing;
  throw std::runtime_error("no crossing");
}

// One packet of an SA after the other, each captured at the sender and, where it arrives, at the receiver.
struct Road {
  SaText sa;
  Rig rig{std::vector<SaText>{SaText{}}};
  std::uint64_t number = 0;
  Road() { rig.paths().captures = 2; }
  Road& send(std::size_t size, bool arrives, bool leaves = true) {
    ++number;
    const Octets frame = esp_frame(sa, number, inner_v4(static_cast<std::uint16_t>(number), size));
    Octets routed = frame;
    routed[14 + 8] -= 1;  // time to live
    if (leaves) rig.feed(frame);
    if (arrives) rig.feed(routed, {.file = 1});
    return *this;
  }
  const Crossing& finish() {
    rig.finish();
    if (rig.paths().crossings.size() != 1) throw std::runtime_error("not one crossing");
    return rig.paths().crossings[0];
  }
};

}  // namespace

TEST_CASE("crossing: everything lost is larger than everything that arrived") {
  const bool with_keys = GENERATE(true, false);
  const std::vector<std::int64_t> shifts =
      GENERATE(std::vector<std::int64_t>{}, std::vector<std::int64_t>{0, hour}, std::vector<std::int64_t>{hour, 0});
  CaptureRig rig{with_keys ? dump_a : std::string{}};
  rig.read({near_a, far_a}, shifts);
  SaNumber forth = 1;  // whichever came first, by those clocks
  for (SaNumber number = 1; number <= 2; ++number)
    if (rig.sa(number - 1).source.to_string() == "100.64.1.1") forth = number;
  const Crossing& crossing = crossing_of(rig, forth);
  CHECK(crossing.from == 0);
  CHECK(crossing.to == 1);
  CHECK(crossing.arrived == 6);
  CHECK(crossing.lost == 11);
  CHECK(crossing.missing_before == 0);
  CHECK(crossing.largest_arrived == 376);
  CHECK(crossing.smallest_lost == 1500);
  CHECK(crossing.by_size());
  CHECK(crossing_of(rig, 3 - forth).lost == 0);
  CHECK(rig.found(codes::mtu_blackhole).size() == 1);
  CHECK(rig.found(codes::seq_lost).size() == 1);
  if (!with_keys && shifts.empty())
    CHECK(contains(rig.told(codes::mtu_blackhole),
                   "11 packets left by capture 1 and never came by capture 2, all larger than 376 bytes"));
}

TEST_CASE("crossing: ICMP that was heeded after the first losses is no black hole") {
  CaptureRig rig{"captures/mss-mtu-b-pmtu-learned/xfrm-state.txt"};
  rig.read({"mss-mtu-b-pmtu-learned/wire.pcap", "mss-mtu-b-pmtu-learned/wire-g2.pcap"});
  CHECK(crossing_of(rig, 1).lost == 9);
  CHECK(crossing_of(rig, 1).by_size());
  CHECK(rig.found(codes::mtu_blackhole).empty());
}

TEST_CASE("crossing: whole packets that leave, and fragments that arrive, are the same packets") {
  CaptureRig rig{"captures/mss-mtu-d-outer-fragments/xfrm-state.txt"};
  rig.read({"mss-mtu-d-outer-fragments/wire-g1.pcap", "mss-mtu-d-outer-fragments/wire.pcap"});
  CHECK(crossing_of(rig, 1).arrived == 34);
  CHECK(crossing_of(rig, 1).lost == 0);
  CHECK_FALSE(contains(rig.told(codes::mtu_outer_fragments), "without the rest"));
  CHECK(contains(rig.told(codes::mtu_outer_fragments), "18 packets of up to 1500 bytes came in fragments"));
}

TEST_CASE("crossing: losses that have nothing to do with size") {
  Road road;
  for (int i = 0; i < 12; ++i) road.send(i % 2 == 0 ? 1300 : 100, i % 5 != 2);
  const Crossing& crossing = road.finish();
  CHECK(crossing.arrived == 10);
  CHECK(crossing.lost == 2);
  CHECK_FALSE(crossing.by_size());
  CHECK(road.rig.found(codes::mtu_blackhole).empty());
  REQUIRE(road.rig.concluded(codes::seq_lost).size() == 1);
  CHECK(contains(road.rig.concluded(codes::seq_lost)[0].why, "Their size does not matter"));
}

TEST_CASE("crossing: large packets that nobody would send again are no black hole") {
  Road road;
  for (int i = 0; i < 12; ++i) road.send(i < 8 ? 100 : 1300, i < 8).send(100, true);  // of ICMP
  const Crossing& crossing = road.finish();
  CHECK(crossing.lost == 4);
  CHECK(crossing.by_size());
  CHECK(road.rig.found(codes::mtu_blackhole).empty());
}

TEST_CASE("crossing: a capture that ends early, begins late or lacks packets proves no loss") {
  Road road;
  SECTION("ends early") {
    road.send(100, true).send(100, true).send(1300, false).send(1300, false);
    CHECK(road.finish().after_last == 2);
  }
  SECTION("begins late") {
    road.send(1300, false).send(1300, false).send(100, true).send(100, true);
    CHECK(road.finish().after_last == 0);
  }
  SECTION("lacks packets") {
    road.send(100, true).send(1300, false).send(100, true, false).send(100, true);
    CHECK(road.finish().missing_before == 1);
  }
  CHECK(road.rig.found(codes::seq_lost).empty());
}

TEST_CASE("crossing: one capture has none") {
  CaptureRig rig{dump_a};
  rig.read({near_a});
  CHECK(rig.paths().crossings.empty());
}
