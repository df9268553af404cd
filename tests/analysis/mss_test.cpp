// What SYN and SYN/ACK announce, against what fits.
#include <espdump/codes.hpp>

#include "support/capture_rig.hpp"
#include "support/talk.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("mss: the largest that fits at the path MTU that ICMP or fragments show, in either direction") {
  CaptureRig a{"captures/mss-mtu-a-blackhole/xfrm-state.txt"};
  a.read({"mss-mtu-a-blackhole/wire.pcap"});
  const Findings findings = a.found(codes::mss_too_large);
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].frame == 7);
  CHECK(findings[0].sa == 1);
  CHECK(findings[0].message ==
        "SYN offers MSS 1460; 1306 is the largest that fits (path MTU 1400 by the ICMP in frame 11)");
  CHECK(findings[1].sa == 2);
  CHECK(contains(findings[1].message, "SYN/ACK offers MSS 1460; 1306 is"));
  CHECK(contains(findings[0].remedy, "tcp option maxseg size set 1306"));
  CHECK(a.concluded(codes::mss_too_large).size() == 1);
  CaptureRig d{"captures/mss-mtu-d-outer-fragments/xfrm-state.txt"};
  d.read({"mss-mtu-d-outer-fragments/wire.pcap"});
  CHECK(contains(d.told(codes::mss_too_large),
                 "1306 is the largest that fits (path MTU 1400 by the fragments in frame 11)"));
}

TEST_CASE("mss: 1500 where nothing shows another path MTU") {
  OpenedTalk talk{true, 1407, 1406};
  CHECK(talk.count(codes::mss_too_large) == 1);
  CHECK(contains(talk.told(codes::mss_too_large),
                 "SYN in frame 1 offers MSS 1407; 1406 is the largest that fits (path MTU 1500, assumed)"));
}

TEST_CASE("mss: without keys nothing is said") {
  OpenedTalk talk{false};
  CHECK(talk.count(codes::mss_too_large) == 0);
}

TEST_CASE("mss: SYN and SYN/ACK that differ") {
  CaptureRig rig{"captures/mss-mtu-c2-clamp-too-high/xfrm-state.txt"};
  rig.read({"mss-mtu-c2-clamp-too-high/wire.pcap"});
  REQUIRE(rig.found(codes::mss_clamped).size() == 1);
  CHECK(rig.found(codes::mss_clamped)[0].frame == 8);
  CHECK(contains(rig.told(codes::mss_clamped),
                 "the SYN of frame 7 has MSS 1380, the SYN/ACK of frame 8 has 1460: clamped in one direction only"));
  CHECK(rig.found(codes::mtu_blackhole).size() == 1);
  OpenedTalk alike{true, 1380, 1380};
  CHECK(alike.count(codes::mss_clamped) == 0);
}

TEST_CASE("mss: the same SYN in the clear, with another MSS") {
  Talk talk{true};
  const Octets option{2, 4, 5, 180};  // 1460
  const Octets tcp = tcp_segment("10.1.0.1", "10.2.0.1", 40000, 80, {}, {1000, 5001, 0x02, 64240, option});
  talk.rig.feed(ethernet_frame(ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp)));
  talk.say(1000, 0, 0x02, 1, false, 1306);
  CHECK(talk.count(codes::mss_clamped) == 1);
  CHECK(
      contains(talk.told(codes::mss_clamped),
               "the SYN of frame 2 has MSS 1306, and 1460 in frame 1 outside the tunnel: it was rewritten on the way"));
}

TEST_CASE("mss: a port that is used again is another connection") {
  OpenedTalk talk{true, 1306, 1306};
  talk.say(900'000, 0, 0x02, Talk::second, false, 1380);
  talk.answer(900'001, 0x12, 0, 0, 1380);
  CHECK(talk.count(codes::mss_clamped) == 0);
}

TEST_CASE("mss: forged and repeated packets say nothing") {
  Talk talk{true};
  const Octets tcp = tcp_segment("10.1.0.1", "10.2.0.1", 40000, 80, {}, {1000, 0, 0x02, 64240, Octets{2, 4, 5, 180}});
  talk.rig.feed(forged(esp_frame(talk.forth, 1, ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp))));
  CHECK(talk.count(codes::mss_too_large) == 0);
}

TEST_CASE("mss: headers between the tunnel and TCP count") {
  Talk talk{true};
  // GRE in IPv4 inside the tunnel: 24 bytes more.
  Octets gre{0, 0, 8, 0};
  const Octets tcp = tcp_segment("10.1.0.1", "10.2.0.1", 40000, 80, {}, {1000, 0, 0x02, 64240, Octets{2, 4, 5, 100}});
  const Octets inner = ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp);
  gre.insert(gre.end(), inner.begin(), inner.end());
  talk.rig.feed(esp_frame(talk.forth, 1, ipv4_packet("10.9.0.1", "10.9.0.2", 47, gre)));
  CHECK(talk.count(codes::mss_too_large) == 0);  // 1380 against 1406 - 24 = 1382
  const Octets more = tcp_segment("10.1.0.1", "10.2.0.1", 40001, 80, {}, {1000, 0, 0x02, 64240, Octets{2, 4, 5, 104}});
  Octets again{0, 0, 8, 0};
  const Octets packet = ipv4_packet("10.1.0.1", "10.2.0.1", 6, more);
  again.insert(again.end(), packet.begin(), packet.end());
  Talk other{true};
  other.rig.feed(esp_frame(other.forth, 1, ipv4_packet("10.9.0.1", "10.9.0.2", 47, again)));
  CHECK(other.count(codes::mss_too_large) == 1);
  CHECK(contains(other.told(codes::mss_too_large), "offers MSS 1384; 1382 is the largest that fits"));
}
