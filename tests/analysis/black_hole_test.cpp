// Black holes: two made by a laboratory's router, and connections that look like one and are none.
#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/frames.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::int64_t second = 1'000'000'000;
bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A connection inside a pair of SAs, spoken packet by packet.
struct Talk {
  SaText forth, back{"192.0.2.2", "192.0.2.1", 0x2002, "tunnel", other_gcm};
  Rig rig{std::vector<SaText>{forth, back}};
  std::uint64_t sent = 0, answered = 0;

  Talk() {
    say(1000, 0, 0x02);
    answer(1001, 0x12);
    say(1001, 0, 0x10);
  }
  // A segment of so many bytes.
  Talk& say(std::uint32_t number, std::size_t size, std::uint8_t flags = 0x18, std::int64_t gap = second / 10) {
    const Octets tcp = tcp_segment("10.1.0.1", "10.2.0.1", 40000, 80, Octets(size, 0x55), {number, 5001, flags});
    rig.feed(esp_frame(forth, ++sent, ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp)), {.gap = gap});
    return *this;
  }
  Talk& answer(std::uint32_t acknowledged, std::uint8_t flags = 0x10) {
    const Octets tcp = tcp_segment("10.2.0.1", "10.1.0.1", 80, 40000, {}, {5001, acknowledged, flags});
    rig.feed(esp_frame(back, ++answered, ipv4_packet("10.2.0.1", "10.1.0.1", 6, tcp)));
    return *this;
  }
  Talk& again(std::uint32_t number, std::size_t size, int times) {
    for (int i = 0; i < times; ++i) say(number, size, 0x10, second << i);
    return *this;
  }
  std::size_t holes() {
    rig.finish();
    return rig.found(codes::mtu_blackhole).size();
  }
};

std::string told(const Rig& rig) {
  std::string out;
  for (const Conclusion& one : rig.concluded(codes::mtu_blackhole))
    out += one.what + "\n" + one.why + "\n" + one.remedy + "\n";
  return out;
}

}  // namespace

TEST_CASE("black hole: the gateway drops the ICMP that would have told it") {
  Keystore store;
  REQUIRE(store.import_file(testdata("captures/mss-mtu-a-blackhole/xfrm-state.txt")));
  store.seal();
  Rig rig(std::move(store));
  for (const TestFrame& frame : frames_of(testdata("captures/mss-mtu-a-blackhole/wire.pcap"))) rig.feed(frame.bytes);
  rig.finish();
  REQUIRE(rig.found(codes::mtu_blackhole).size() == 1);
  const Finding finding = rig.found(codes::mtu_blackhole)[0];
  CHECK(finding.sa == 1);
  CHECK(finding.frame == 32);
  CHECK(contains(finding.message,
                 "192.168.10.20.57578 > 192.168.20.20.80: 1394 bytes of TCP in a packet of 1446 (1500 "
                 "outside) sent 7 times"));
  CHECK(contains(finding.message, "while a smaller segment sent after them was."));
  CHECK(contains(finding.message, "path MTU 1400; the gateway does not heed it."));
  CHECK(contains(told(rig), "Through #1 fit 1346 bytes, a TCP MSS of 1306 (IPv4) or 1286 (IPv6)"));
}

TEST_CASE("black hole: without ICMP, where the other end is there") {
  Talk talk;
  talk.again(1001, 1394, 4).answer(1001, 0x11);
  CHECK(talk.holes() == 1);
  CHECK(contains(told(talk.rig), "although the other end is there and answers. No ICMP in this capture says so"));
  CHECK(contains(told(talk.rig), "For 1280, which nearly every path has, 1226 bytes"));
}

TEST_CASE("black hole: smaller segments of the same bytes come through") {
  Talk talk;
  talk.again(1001, 1394, 5).say(1001, 1000).answer(2001);
  CHECK(talk.holes() == 1);
  CHECK(contains(told(talk.rig), "Only in segments of 1000 bytes and less did they arrive."));
}

TEST_CASE("black hole: what is none") {
  SECTION("three tries") { CHECK(Talk{}.again(1001, 1394, 3).answer(1001).holes() == 0); }
  SECTION("the other end is not heard any more") { CHECK(Talk{}.again(1001, 1394, 8).holes() == 0); }
  SECTION("the other end went away while segments were under way") {
    CHECK(Talk{}.say(1001, 1394).say(2395, 1394).answer(2395).again(2395, 1394, 7).holes() == 0);
  }
  SECTION("acknowledged in the end") { CHECK(Talk{}.again(1001, 1394, 6).answer(1001).answer(2395).holes() == 0); }
  SECTION("segments of the size came through before") {
    CHECK(Talk{}.say(1001, 1394).answer(2395).again(2395, 1394, 6).answer(2395).holes() == 0);
  }
  SECTION("small ones") { CHECK(Talk{}.again(1001, 400, 6).answer(1001).holes() == 0); }
  SECTION("replays are no retransmissions") {
    Talk talk;
    talk.say(1001, 1394);
    const Octets tcp = tcp_segment("10.1.0.1", "10.2.0.1", 40000, 80, Octets(1394, 0x55), {1001, 5001, 0x18});
    for (int i = 0; i < 6; ++i)
      talk.rig.feed(esp_frame(talk.forth, talk.sent, ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp)), {.gap = second});
    CHECK(talk.answer(1001).holes() == 0);
  }
}

TEST_CASE("black hole: no other capture of testdata has one") {
  const auto name =
      GENERATE("mss-mtu-b-pmtu-learned", "mss-mtu-d-outer-fragments", "manual-tunnel-cbc-sha256", "replay-and-icv",
               "ike-peer-dead", "seq-esn-gcm", "transport-esp-v6", "beet-natt-chacha20");
  Keystore store;
  REQUIRE(store.import_file(testdata(std::string{"captures/"} + name + "/xfrm-state.txt")));
  store.seal();
  Rig rig(std::move(store));
  for (const TestFrame& frame : frames_of(testdata(std::string{"captures/"} + name + "/wire.pcap")))
    rig.feed(frame.bytes);
  rig.finish();
  INFO(name);
  CHECK(rig.found(codes::mtu_blackhole).empty());
}
