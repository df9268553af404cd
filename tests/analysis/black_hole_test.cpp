// Black holes: those made by a laboratory's router, and connections that look like one and are none.
#include <espdump/codes.hpp>

#include "support/capture_rig.hpp"
#include "support/talk.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::int64_t second = Talk::second;
const std::string dump_a = "captures/mss-mtu-a-blackhole/xfrm-state.txt";

std::size_t holes(Talk& talk) { return talk.count(codes::mtu_blackhole); }

}  // namespace

TEST_CASE("black hole: the gateway drops the ICMP that would have told it") {
  CaptureRig rig{dump_a};
  rig.read({"mss-mtu-a-blackhole/wire.pcap"});
  REQUIRE(rig.found(codes::mtu_blackhole).size() == 1);
  const Finding finding = rig.found(codes::mtu_blackhole)[0];
  CHECK(finding.sa == 1);
  CHECK(finding.frame == 32);
  CHECK(contains(finding.message,
                 "192.168.10.20.57578 > 192.168.20.20.80: 1394 bytes of TCP in a packet of 1446 (1500 outside) sent 7 "
                 "times in 6.52 s, frames 10, 22, 24, 26, 28, 30, 32."));
  CHECK(contains(finding.message, "while a smaller segment sent after them was."));
  CHECK(contains(finding.message, "path MTU 1400; the gateway does not heed it."));
  CHECK(contains(rig.told(codes::mtu_blackhole), "Through #1 fit 1346 bytes, a TCP MSS of 1306 (IPv4) or 1286 (IPv6)"));
  REQUIRE(rig.paths().flows.size() == 1);
  CHECK(rig.paths().flows[0].in_trouble());
  CHECK(rig.paths().flows[0].mss == 1460);
  CHECK(rig.paths().flows[0].largest_sent == 1394);
  CHECK(rig.paths().flows[0].largest_acknowledged == 0);
  CHECK(rig.paths().flows[0].full_sent_again == 6);
}

TEST_CASE("black hole: the MSS that espdump recommends gets through, one byte more does not") {
  CaptureRig good{"captures/mss-mtu-a-mss-1306/xfrm-state.txt"};
  good.read({"mss-mtu-a-mss-1306/wire.pcap"});
  CHECK(good.found(codes::mtu_blackhole).empty());
  CHECK(good.found(codes::mtu_exceeded).empty());
  REQUIRE_FALSE(good.paths().flows.empty());
  CHECK(good.paths().flows[0].mss == 1306);
  CHECK(good.paths().flows[0].largest_sent == 1294);  // and 12 bytes of timestamps
  CHECK(good.paths().flows[0].largest_acknowledged == 1294);
  CHECK_FALSE(good.paths().flows[0].in_trouble());
  CaptureRig bad{"captures/mss-mtu-a-mss-1307/xfrm-state.txt"};
  bad.read({"mss-mtu-a-mss-1307/wire.pcap"});
  CHECK(bad.found(codes::mtu_blackhole).size() == 1);
  CHECK(contains(bad.told(codes::mtu_blackhole), "Through #1 fit 1346 bytes, a TCP MSS of 1306 (IPv4)"));
}

TEST_CASE("black hole: a router that says nothing, seen from one side and from both") {
  CaptureRig one{"captures/mss-mtu-silent/xfrm-state.txt"};
  one.read({"mss-mtu-silent/wire.pcap"});
  REQUIRE(one.found(codes::mtu_blackhole).size() == 1);
  CHECK(
      contains(one.told(codes::mtu_blackhole), "No ICMP in this capture says so: it is filtered, or nobody sends it."));
  CaptureRig both{"captures/mss-mtu-silent/xfrm-state.txt"};
  both.read({"mss-mtu-silent/wire.pcap", "mss-mtu-silent/wire-g2.pcap"});
  REQUIRE(both.found(codes::mtu_blackhole).size() == 1);
  CHECK(contains(both.told(codes::mtu_blackhole), "between the gateways; it lies between 216 and 1499)"));
}

TEST_CASE("black hole: a Linux sender that finds the size by itself") {
  CaptureRig rig{"captures/mss-mtu-probing/xfrm-state.txt"};
  rig.read({"mss-mtu-probing/wire.pcap"});
  REQUIRE(rig.found(codes::mtu_blackhole).size() == 1);
  CHECK(contains(rig.told(codes::mtu_blackhole), "Only in segments of 1024 bytes and less did they arrive"));
  REQUIRE(rig.paths().flows.size() == 2);
  CHECK(rig.paths().flows[0].shrunk_to == 1024);
  CHECK_FALSE(rig.paths().flows[1].in_trouble());
  CHECK(rig.paths().flows[0].largest_acknowledged == 1024);
}

TEST_CASE("black hole: without ICMP, where the other end is there") {
  OpenedTalk talk;
  talk.again(1001, 1394, 4).answer(1001, 0x11);
  CHECK(holes(talk) == 1);
  CHECK(contains(talk.told(codes::mtu_blackhole),
                 "although the other end is there and answers. No ICMP in this capture says so"));
  CHECK(contains(talk.told(codes::mtu_blackhole), "For 1280, which nearly every path has, 1226 bytes"));
}

TEST_CASE("black hole: a smaller segment behind it has arrived") {
  OpenedTalk talk;
  talk.say(1001, 1394).say(2395, 300).answer(1001, 0x10, 2395, 2695).again(1001, 1394, 5);
  CHECK(holes(talk) == 1);
  OpenedTalk later;
  later.say(1001, 1394).say(2395, 300).again(1001, 1394, 4).answer(1001, 0x10, 2395, 2695);
  CHECK(holes(later) == 1);
  CHECK(contains(later.told(codes::mtu_blackhole), "while a smaller segment sent after them was."));
  OpenedTalk same;
  same.say(1001, 1394).say(2395, 1394).again(1001, 1394, 4).answer(1001, 0x10, 2395, 3789);
  CHECK(holes(same) == 0);
}

TEST_CASE("black hole: smaller segments of the same bytes come through, and larger ones are probes") {
  OpenedTalk talk;
  talk.again(1001, 1394, 5).say(1001, 1000).answer(2001).say(2001, 1000).say(3001, 1200).answer(3001);
  CHECK(holes(talk) == 1);
  CHECK(contains(talk.told(codes::mtu_blackhole), "Only in segments of 1000 bytes and less did they arrive"));
  REQUIRE(talk.rig.paths().flows.size() == 1);
  CHECK(talk.rig.paths().flows[0].shrunk_to == 1000);
  CHECK(talk.rig.paths().flows[0].probes == 1);
  CHECK(talk.rig.paths().flows[0].largest_acknowledged == 1000);
}

TEST_CASE("black hole: what is none") {
  OpenedTalk talk;
  SECTION("three tries") { talk.again(1001, 1394, 3).answer(1001); }
  SECTION("the other end is not heard any more") { talk.again(1001, 1394, 8); }
  SECTION("the other end went away while segments were under way") {
    talk.say(1001, 1394).say(2395, 1394).answer(2395).again(2395, 1394, 7);
  }
  SECTION("acknowledged in the end") { talk.again(1001, 1394, 6).answer(1001).answer(2395); }
  SECTION("segments of the size came through before") {
    talk.say(1001, 1394).answer(2395).again(2395, 1394, 6).answer(2395);
  }
  SECTION("small ones") { talk.again(1001, 400, 6).answer(1001); }
  SECTION("captured before the network card cut them") { talk.again(1001, 13'000, 6).answer(1001); }
  SECTION("replays are no retransmissions") {
    talk.say(1001, 1394);
    for (int i = 0; i < 6; ++i) {
      --talk.sent;
      talk.say(1001, 1394, 0x18, second);
    }
    talk.answer(1001);
  }
  CHECK(holes(talk) == 0);
}

TEST_CASE("black hole: one direction of a connection alone proves nothing") {
  Talk talk{true};
  talk.say(1000, 0, 0x02).say(1001, 0, 0x10).again(1001, 1394, 8);
  CHECK(holes(talk) == 0);
}

TEST_CASE("black hole: a connection that was begun before the capture") {
  Talk talk{true};
  talk.say(500, 80).answer(580).again(580, 1394, 5).answer(580);
  CHECK(holes(talk) == 1);
}

TEST_CASE("black hole: from the receiving side alone, as weaker evidence") {
  CaptureRig rig{dump_a};
  rig.read({"mss-mtu-a-blackhole/wire-g2.pcap"});
  REQUIRE(rig.found(codes::mtu_blackhole).size() == 1);
  CHECK(contains(rig.told(codes::mtu_blackhole),
                 "6970 bytes of TCP never came by here, and 11 numbers of the SA are missing"));
  CHECK(contains(rig.told(codes::mtu_blackhole),
                 "at least had 1434 bytes inside or more; nothing of that size came, 322 at most"));
  CHECK(contains(rig.told(codes::mtu_blackhole), "weaker evidence"));
}

TEST_CASE("black hole: the receiving side of losses that have another reason") {
  OpenedTalk talk;
  SECTION("segments of the size came") {
    talk.say(1001, 1394).answer(2395);
    for (int i = 0; i < 6; ++i) talk.lose(2395, 1394);
    talk.say(6577, 300).answer(2395).lose(2395, 1394).lose(2395, 1394).lose(2395, 1394);
    talk.answer(2395, 0x10, 0, 0, 0, 5 * second).say(6877, 10);
  }
  SECTION("nobody tried again") {
    for (int i = 0; i < 6; ++i) talk.lose(1001, 1394);
    talk.say(9365, 300).answer(1001).answer(1001, 0x10, 0, 0, 0, 5 * second).say(9665, 10);
  }
  SECTION("they came later") {
    for (int i = 0; i < 6; ++i) talk.lose(1001, 1394);
    talk.say(9365, 300).answer(1001);
    for (int i = 0; i < 6; ++i) talk.lose(1001, 1394);
    talk.answer(1001, 0x10, 0, 0, 0, 5 * second).say(1001, 500).say(9665, 10);
  }
  CHECK(holes(talk) == 0);
}

TEST_CASE("black hole: from sizes and times alone, as weaker evidence") {
  CaptureRig rig{""};
  rig.read({"mss-mtu-a-blackhole/wire.pcap"});
  REQUIRE(rig.found(codes::mtu_blackhole).size() == 1);
  const std::string text = rig.told(codes::mtu_blackhole);
  CHECK(contains(text, "a packet of 1500 bytes outside sent 6 times in 6.52 s, after twice the time each"));
  CHECK(contains(text, "packets of up to 376 bytes pass"));
  CHECK(contains(text, "weaker evidence, from sizes and numbers alone"));
  CHECK(contains(text, "path MTU 1400; the gateway does not heed it"));
  CHECK_FALSE(contains(text, "fit"));
}

TEST_CASE("black hole: sizes and times that mean something else") {
  OpenedTalk talk{false};
  SECTION("the other end is not heard any more") { talk.again(1001, 1394, 8); }
  SECTION("steady times") {
    for (int i = 0; i < 10; ++i) talk.say(1001, 1394, 0x18, second);
    talk.answer(1001);
  }
  SECTION("small packets") { talk.again(1001, 300, 8).answer(1001); }
  SECTION("larger ones pass as well") { talk.again(1001, 1300, 4).say(1001, 1394).again(1001, 1300, 3).answer(1001); }
  CHECK(holes(talk) == 0);
}

TEST_CASE("black hole: single numbers missing after twice the time each") {
  OpenedTalk talk{false};
  constexpr std::int64_t step = 20'000'000;
  std::int64_t wait = 10;  // steps
  for (int lost = 0; lost < 6; ++lost, wait *= 2) {
    for (std::int64_t i = 0; i < wait; ++i) talk.say(1001, 40, 0x10, step);
    talk.lose(1001, 1394);
    talk.answer(1001);
  }
  talk.say(1001, 40, 0x10, step).answer(1001);
  CHECK(holes(talk) == 1);
  CHECK(contains(talk.told(codes::mtu_blackhole), "single numbers missing 6 times"));
}

TEST_CASE("black hole: no other capture of testdata has one") {
  const auto name = GENERATE("mss-mtu-b-pmtu-learned", "mss-mtu-c-mss-clamped", "mss-mtu-d-outer-fragments",
                             "mtu-suites", "manual-tunnel-cbc-sha256", "replay-and-icv", "ike-peer-dead", "seq-esn-gcm",
                             "transport-esp-v6", "beet-natt-chacha20", "spi-reuse-rekeyed");
  const bool with_keys = GENERATE(true, false);
  CaptureRig rig{with_keys ? std::string{"captures/"} + name + "/xfrm-state.txt" : std::string{}};
  rig.read({std::string{name} + "/wire.pcap"});
  INFO(name);
  CHECK(rig.found(codes::mtu_blackhole).empty());
}

TEST_CASE("black hole: captures that show less lead to less, and never to a false one") {
  const std::string name = GENERATE("mss-mtu-a-blackhole", "mss-mtu-b-pmtu-learned", "mss-mtu-c2-clamp-too-high",
                                    "mss-mtu-c-mss-clamped", "mss-mtu-d-outer-fragments");
  const bool with_keys = GENERATE(true, false);
  CaptureRig rig{with_keys ? "captures/" + name + "/xfrm-state.txt" : std::string{}};
  const bool has_one = name == "mss-mtu-a-blackhole" || name == "mss-mtu-c2-clamp-too-high";
  const std::string capture = name + "/wire.pcap";
  const auto is_ip = [](const TestFrame& frame) { return frame.bytes[12] == 8 && frame.bytes[13] == 0; };
  std::size_t number = 0;
  INFO(name << (with_keys ? " with" : " without") << " keys");
  SECTION("one direction") {
    const std::uint8_t side = GENERATE(std::uint8_t{1}, std::uint8_t{2});  // 100.64.1.1 or 100.64.2.1
    rig.read({capture}, {}, [&](const TestFrame& frame) { return !is_ip(frame) || frame.bytes[28] == side; });
    CHECK(rig.found(codes::mtu_blackhole).empty());
  }
  SECTION("from the middle on") {
    rig.read({capture}, {}, [&](const TestFrame&) { return ++number > 14; });
    CHECK((has_one || rig.found(codes::mtu_blackhole).empty()));
  }
  SECTION("the first packets") {
    rig.read({capture}, {}, [&](const TestFrame&) { return ++number < 26; });
    CHECK(rig.found(codes::mtu_blackhole).empty());
  }
  SECTION("cut at 96 bytes") {
    rig.read(
        {capture}, {}, [](TestFrame&) { return true; }, 96);
    CHECK((has_one || rig.found(codes::mtu_blackhole).empty()));
    if (has_one) CHECK(contains(rig.told(codes::mtu_blackhole), "weaker evidence"));
  }
  SECTION("a clock that steps") {
    const std::int64_t step = GENERATE(3'600 * Talk::second, -3'600 * Talk::second, -Talk::second);
    rig.read({capture}, {}, [&](TestFrame& frame) {
      if (++number > 12) frame.time += step;
      return true;
    });
    CHECK((has_one || rig.found(codes::mtu_blackhole).empty()));
  }
}

TEST_CASE("sizes: packets that no Ethernet carries are counted, and refute nothing") {
  OpenedTalk talk;
  talk.say(1001, 4'000).answer(5001).say(5001, 20'000).answer(25'001);
  CHECK(talk.count(codes::mtu_blackhole) == 0);
  CHECK(talk.rig.paths().sas.at(1).beyond_ethernet == 2);
  CHECK(talk.rig.paths().sas.at(2).beyond_ethernet == 0);
}
