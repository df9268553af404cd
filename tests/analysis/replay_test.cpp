#include <espdump/codes.hpp>

#include "support/capture_rig.hpp"
#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::int64_t ms = 1'000'000, second = 1'000 * ms;
const SaText plain{};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("replay: a repeated packet names its number, the first frame, the time between, and the window") {
  Rig rig{{plain}};
  for (std::uint64_t n = 1; n <= 40; ++n) rig.feed(esp_frame(plain, n));
  rig.feed(esp_frame(plain, 39), {.gap = 12 * second});
  rig.feed(esp_frame(plain, 2));
  const Findings found = rig.found(codes::replay_duplicate);
  REQUIRE(found.size() == 2);
  CHECK(found[0].frame == 41);
  CHECK(found[0].sa == 1);
  CHECK(found[0].info->severity == Severity::error);
  CHECK(found[0].message == "repeats number 39 of frame 39, 12 s later, same bytes, inside the window");
  CHECK(has(found[1].message, "repeats number 2 of frame 2, 12 s later, same bytes, left of the window"));
  rig.finish();
  const auto conclusions = rig.concluded(codes::replay_duplicate);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "2 packets, frames 41-42");
  CHECK(has(conclusions[0].why, "1 inside the window, 1 left of it. First, frame 41: repeats number 39"));
  CHECK(conclusions[0].sas == std::vector<SaNumber>{1});
  CHECK(rig.sa(0).kernel.replay == 1);
  CHECK(rig.sa(0).kernel.replay_window == 1);
}

TEST_CASE("replay: a number used twice for different packets is told from a replay") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 80, inner_v4(1)));
  rig.feed(esp_frame(plain, 81, inner_v4(2)));
  rig.feed(esp_frame(plain, 80, inner_v4(3)));
  CHECK(has(rig.found(codes::replay_duplicate).at(0).message, "with other bytes: the sender used the number twice"));
  rig.finish();
  CHECK(has(rig.concluded(codes::replay_duplicate).at(0).why, "1 carry other bytes than the packet"));
}

TEST_CASE("replay: a forged copy of a number is no replay") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 1));
  rig.feed(forged(esp_frame(plain, 1)));
  rig.finish();
  CHECK(rig.found(codes::replay_duplicate).empty());
  CHECK(rig.found(codes::icv_bad).size() == 1);
}

TEST_CASE("replay: a late packet never seen before is stale, with the window's size") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 1));
  rig.feed(esp_frame(plain, 100));
  rig.feed(esp_frame(plain, 68));
  rig.feed(esp_frame(plain, 69));
  const Findings found = rig.found(codes::replay_stale);
  REQUIRE(found.size() == 1);
  CHECK(found[0].frame == 3);
  CHECK(found[0].info->severity == Severity::error);
  CHECK(has(found[0].message, "number 68 comes too late: it lies left of the window"));
  rig.finish();
  const auto conclusions = rig.concluded(codes::replay_stale);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "1 packet, frame 3");
  CHECK(has(conclusions[0].why, "a whole window (32 packets on #1)"));
}

TEST_CASE("replay: under ESN a stale packet is one of a cycle left behind, for a kernel a failed ICV") {
  const SaText sa{.window = 64, .esn = true};
  Rig rig{{sa}};
  rig.feed(esp_frame(sa, 1'000));
  const Packet& packet = rig.feed(esp_frame(sa, 900));
  CHECK(packet.ipsec().at(0).icv == IcvVerdict::ok);
  CHECK(has(rig.found(codes::replay_stale).at(0).message, "the window has left its ESN cycle"));
  CHECK(rig.sa(0).kernel.failed == 1);
  CHECK(rig.sa(0).kernel.replay_window == 0);
}

TEST_CASE("replay: a packet captured again is an info, counted once") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 1));
  rig.feed(esp_frame(plain, 1), {.gap = 1'500'000, .interface = 1});
  rig.feed(esp_frame(plain, 2), {.file = 1});
  rig.feed(esp_frame(plain, 2), {.gap = 20'000, .file = 0});
  rig.finish();
  const Findings found = rig.found(codes::capture_duplicate);
  REQUIRE(found.size() == 2);
  CHECK(found[0].info->severity == Severity::info);
  CHECK(found[0].message == "the packet of frame 1 captured again 1.5 ms later");
  CHECK(found[1].message == "the packet of frame 3 of capture 2 captured again 20 us later");
  CHECK(rig.found(codes::replay_duplicate).empty());
  const auto conclusions = rig.concluded(codes::capture_duplicate);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "2 frames seen twice, frames 2, 4; counted once");
}

TEST_CASE("replay: two captures whose clocks differ are told apart from an attack") {
  CaptureRig rig{"captures/mss-mtu-c-mss-clamped/xfrm-state.txt"};
  rig.read({"mss-mtu-c-mss-clamped/wire.pcap", "mss-mtu-c-mss-clamped/wire.pcap"}, {0, 60'000'000'000});
  REQUIRE(rig.found(codes::replay_duplicate).size() == 51);
  CHECK(contains(rig.told(codes::replay_duplicate), "60 s to 60 s later: most likely nothing was replayed"));
  CHECK(contains(rig.told(codes::replay_duplicate), "editcap -t -60.000 IN OUT"));
  CaptureRig together{"captures/mss-mtu-c-mss-clamped/xfrm-state.txt"};
  together.read({"mss-mtu-c-mss-clamped/wire.pcap", "mss-mtu-c-mss-clamped/wire.pcap"}, {0, 1'000'000});
  CHECK(together.found(codes::replay_duplicate).empty());
  CHECK(together.found(codes::capture_duplicate).size() == 51);
}
