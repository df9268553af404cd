#include <espdump/codes.hpp>

#include <algorithm>

#include "support/capture_rig.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// An ICMP error of 198.51.100.9 in IPv4 and Ethernet that quotes so much of a packet.
Octets icmp_error(const Octets& quoted, std::uint8_t type, std::uint8_t code, std::uint16_t mtu) {
  Octets icmp{type, code, 0, 0, 0, 0, static_cast<std::uint8_t>(mtu >> 8), static_cast<std::uint8_t>(mtu)};
  icmp.insert(icmp.end(), quoted.begin(), quoted.end());
  return ethernet_frame(ipv4_packet("198.51.100.9", "192.0.2.1", 1, icmp));
}
Octets sealed_packet(std::uint64_t number, std::size_t size) {
  const SaText sa;
  return outer_packet(sa, 50, esp_of(sa, number, inner_v4(static_cast<std::uint16_t>(number), size)));
}

}  // namespace

TEST_CASE("path MTU: ICMP that the gateway does not heed, with what fits") {
  CaptureRig scene{"captures/mss-mtu-a-blackhole/xfrm-state.txt"};
  scene.read({"mss-mtu-a-blackhole/wire.pcap"});
  const auto findings = scene.found(codes::mtu_exceeded);
  REQUIRE(findings.size() == 11);
  CHECK(findings[0].frame == 11);
  CHECK(findings[0].sa == 1);
  CHECK(findings[0].message ==
        "100.64.1.254 has no room for a packet of 1500 bytes: path MTU 1400. Inside fit 1346 bytes, a TCP MSS of 1306 "
        "(IPv4) or 1286 (IPv6)");
  const std::string text = scene.told(codes::mtu_exceeded);
  CHECK(contains(text,
                 "does not heed them: 5 packets larger than that went out afterwards, up to 1500 bytes, frames 24, "
                 "26, 28, 30, 32."));
  CHECK(contains(text, "Through #1 fit 1346 bytes, a TCP MSS of 1306 (IPv4) or 1286 (IPv6)"));
}

TEST_CASE("path MTU: ICMP that is heeded") {
  CaptureRig scene{"captures/mss-mtu-b-pmtu-learned/xfrm-state.txt"};
  scene.read({"mss-mtu-b-pmtu-learned/wire.pcap"});
  CHECK(scene.found(codes::mtu_exceeded).size() == 9);
  CHECK(contains(scene.told(codes::mtu_exceeded),
                 "They were heeded: no packet that went out later was larger than 1396"));
}

TEST_CASE("path MTU: without keys the ICMP is told, and no number of what fits is made up") {
  CaptureRig scene{""};
  scene.read({"mss-mtu-a-blackhole/wire.pcap"});
  REQUIRE(scene.found(codes::mtu_exceeded).size() == 11);
  CHECK(scene.found(codes::mtu_exceeded)[0].message ==
        "100.64.1.254 has no room for a packet of 1500 bytes: path MTU 1400");
  CHECK_FALSE(contains(scene.told(codes::mtu_exceeded), "fit"));
}

TEST_CASE("path MTU: ESP in fragments, with what goes in one piece") {
  CaptureRig scene{"captures/mss-mtu-d-outer-fragments/xfrm-state.txt"};
  scene.read({"mss-mtu-d-outer-fragments/wire.pcap"});
  const auto findings = scene.found(codes::mtu_outer_fragments);
  REQUIRE(findings.size() == 18);
  CHECK(findings[0].frame == 11);
  CHECK(findings[0].message ==
        "a packet of 1500 bytes came in fragments, the first of 1396. In one piece go, inside, 1342 bytes, a TCP MSS "
        "of 1302 (IPv4) or 1282 (IPv6)");
  REQUIRE(scene.concluded(codes::mtu_outer_fragments).size() == 1);
  CHECK(scene.found(codes::mtu_exceeded).empty());
}

TEST_CASE("path MTU: first fragments whose rest never comes") {
  CaptureRig scene{"captures/mss-mtu-d-outer-fragments/xfrm-state.txt"};
  for (const TestFrame& frame : frames_of(testdata("captures/mss-mtu-d-outer-fragments/wire.pcap"))) {
    const bool rest = (frame.bytes[20] & 0x1f) != 0 || frame.bytes[21] != 0;  // the offset of IPv4 behind Ethernet
    if (frame.bytes[12] == 8 && frame.bytes[13] == 0 && rest) continue;
    scene.feed(frame.bytes);
  }
  scene.finish();
  CHECK(contains(scene.told(codes::mtu_outer_fragments),
                 "18 first fragments of ESP or AH from 100.64.1.1 to 100.64.2.1 without the rest (of 18, "));
}

TEST_CASE("path MTU: captures that overlap in the middle of ESP in fragments say what one would") {
  const auto frames = frames_of(testdata("captures/mss-mtu-d-outer-fragments/wire.pcap"));
  CaptureRig scene{"captures/mss-mtu-d-outer-fragments/xfrm-state.txt"};
  const std::size_t end_of_first = 50, begin_of_second = 30;  // each between two fragments
  for (std::size_t at = 0; at < frames.size(); ++at) {
    if (at < end_of_first) scene.feed(frames[at].bytes, {.gap = 1'000'000, .file = 0});
    if (at >= begin_of_second) scene.feed(frames[at].bytes, {.gap = 0, .file = 1});
  }
  scene.finish();
  CHECK(scene.found(codes::mtu_outer_fragments).size() == 18);
  CHECK_FALSE(contains(scene.told(codes::mtu_outer_fragments), "without the rest"));
  CHECK(scene.decoder().reassembly().datagrams.count() == 0);
}

TEST_CASE("path MTU: of two captures on the path the second lacks the rest") {
  const auto frames = frames_of(testdata("captures/mss-mtu-d-outer-fragments/wire.pcap"));
  CaptureRig scene{"captures/mss-mtu-d-outer-fragments/xfrm-state.txt"};
  for (const TestFrame& frame : frames) {
    const bool rest = (frame.bytes[20] & 0x1f) != 0 || frame.bytes[21] != 0;
    scene.feed(frame.bytes, {.gap = 1'000'000, .file = 0});
    if (!rest) scene.feed(frame.bytes, {.gap = 1'000, .file = 1});
  }
  scene.finish();
  CHECK(contains(scene.told(codes::mtu_outer_fragments), "18 first fragments of ESP or AH from 100.64.1.1"));
}

TEST_CASE("path MTU: a router that tells no number, errors about other things, and quotes of nobody's SA") {
  Rig rig{std::vector<SaText>{SaText{}}};
  rig.feed(esp_frame(SaText{}, 1));
  rig.feed(icmp_error(sealed_packet(1, 1400), 3, 4, 0));
  rig.feed(icmp_error(sealed_packet(1, 1400), 3, 1, 1400));   // host unreachable
  rig.feed(icmp_error(sealed_packet(1, 1400), 11, 0, 1400));  // time exceeded
  SaText stranger;
  stranger.spi = 0x7777;
  rig.feed(icmp_error(outer_packet(stranger, 50, esp_of(stranger, 1, inner_v4())), 3, 4, 1400));
  rig.finish();
  const auto findings = rig.found(codes::mtu_exceeded);
  REQUIRE(findings.size() == 1);
  CHECK(contains(findings[0].message, "and does not say for how many"));
  REQUIRE(rig.concluded(codes::mtu_exceeded).size() == 1);
  CHECK(rig.concluded(codes::mtu_exceeded)[0].remedy.empty());
}

TEST_CASE("path MTU: what was under way when the ICMP came is not held against the gateway") {
  const auto run = [](std::int64_t later) {
    Rig rig{std::vector<SaText>{SaText{}}};
    const SaText sa;
    rig.feed(ethernet_frame(sealed_packet(1, 1400)));
    rig.feed(icmp_error(sealed_packet(1, 1400), 3, 4, 1300));
    rig.feed(ethernet_frame(sealed_packet(2, 1400)), {.gap = later});
    rig.finish();
    return rig.told(codes::mtu_exceeded);
  };
  CHECK_FALSE(contains(run(100'000'000), "does not heed"));
  CHECK(contains(run(300'000'000), "does not heed them: 1 packet larger than that"));
}
