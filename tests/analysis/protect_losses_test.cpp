// What nobody can judge is counted, and what is no fault is not called one.
#include "support/catch.hpp"
#include "support/vpn_gateway.hpp"

namespace espdump::test {
TEST_CASE("protects: missing ESP numbers are a loss of the capture, and many of them leave it open") {
  VpnScene scene = begun();
  scene.leaves(scene.packet());
  scene.outer.pop_back();
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.not_judged == 1);
  CHECK(report.verdict == GatewayVerdict::inconclusive);
  REQUIRE(report.reasons.size() == 1);
  CHECK(report.reasons[0].find("1 where ESP numbers are missing") != std::string::npos);
}

TEST_CASE("protects: one packet in a hundred and more may be unknown") {
  VpnScene scene;
  scene.traffic(80);
  scene.leaves(scene.packet());
  scene.outer.pop_back();
  scene.traffic(40);
  const ProtectReport report = scene.judge();
  CHECK(report.not_judged == 1);
  CHECK(report.verdict == GatewayVerdict::pass);
}

TEST_CASE("protects: one missing number excuses one packet") {
  VpnScene scene = begun();
  scene.leaves(scene.packet());
  scene.outer.pop_back();
  scene.on_plain(scene.packet(), 0);
  scene.wait(100);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(report.not_judged == 1);
  CHECK(report.violations.size() == 1);
}

TEST_CASE("protects: while the other capture did not run nothing is judged") {
  VpnScene scene = begun();
  scene.traffic(4);
  scene.wait(1'000'000);
  for (int i = 0; i < 3; ++i) scene.on_plain(scene.packet());
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.not_judged == 3);
  CHECK(report.verdict == GatewayVerdict::inconclusive);
}

TEST_CASE("protects: clocks that differ by hours change nothing") {
  VpnScene scene = begun();
  scene.on_plain(scene.packet());
  const std::string expected = at("gateway.dropped-valid", scene.plain_frame(), 0);
  scene.wait(10'000);
  scene.traffic(4);
  for (auto& frame : scene.outer) frame.time += 7'200'000'000'000;
  const ProtectReport report = scene.judge();
  CHECK(violations(report) == expected);
  CHECK(report.offset == 7'200'000'000'000);
}

TEST_CASE("protects: a packet that ICMP refused was not lost") {
  VpnScene scene = begun();
  Octets large =
      ipv4_packet("10.1.0.5", "10.2.0.5", 17, udp_datagram("", "", 5000, 6000, Octets(1400, 1)), {.id = 4, .df = true});
  scene.on_plain(large);
  Octets error{3, 4, 0, 0, 0, 0, 1400 >> 8, 1400 & 0xff};
  error.insert(error.end(), large.begin(), large.begin() + 28);
  scene.on_plain(ipv4_packet("10.1.0.254", "10.1.0.5", 1, error, {.id = 6}), 50);
  scene.wait(10'000);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.refused == 1);
  CHECK(report.verdict == GatewayVerdict::pass);
}

TEST_CASE("protects: a checksum left to the network card is no alteration") {
  VpnScene scene = begun();
  const Octets good = syn(1460, 7);
  Octets open = good;
  // The pseudo header's sum: addresses, protocol, length.
  std::uint32_t sum = 6 + 28;
  for (std::size_t i = 12; i < 20; i += 2) sum += std::uint32_t{open[i]} << 8 | open[i + 1];
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  open[36] = static_cast<std::uint8_t>(sum >> 8);
  open[37] = static_cast<std::uint8_t>(sum);
  scene.leaves_as(open, routed(good));
  CHECK(judged(scene).empty());
}

TEST_CASE("protects: a segment that left as several is left open, not called altered") {
  const auto segment = [](std::uint32_t sequence, std::size_t size, std::uint16_t id) {
    return ipv4_packet("10.1.0.5", "10.2.0.5", 6,
                       tcp_segment("10.1.0.5", "10.2.0.5", 1, 2, Octets(size, 9), {.sequence = sequence}), {.id = id});
  };
  VpnScene scene = begun();
  scene.on_plain(segment(1000, 2000, 50));
  scene.seal(routed(segment(1000, 1000, 50)));
  scene.seal(routed(segment(2000, 1000, 51)));
  scene.wait(10'000);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.not_judged == 1);
}

TEST_CASE("protects: BEET and transport mode are held against the packets they stand for") {
  VpnScene scene;
  SECTION("BEET") {
    scene.out.mode = "beet";
    scene.out.selector = "src 10.1.0.5/32 dst 10.2.0.5/32";
    for (int i = 0; i < 4; ++i) {
      const Octets packet = scene.packet();
      scene.on_plain(packet);
      const Octets payload(packet.begin() + 20, packet.end());
      scene.on_outer(outer_packet(scene.out, 50, esp_of(scene.out, ++scene.number, payload, 17),
                                  {.id = static_cast<std::uint16_t>(i)}));  // an identification of its own
      scene.wait(10'000);
    }
  }
  SECTION("transport mode") {
    scene.out.mode = "transport";
    scene.out.selector.clear();
    for (std::uint16_t i = 1; i <= 4; ++i) {
      const Octets datagram = udp_datagram("192.0.2.1", "192.0.2.2", 7, i, Octets(30));
      scene.on_plain(ipv4_packet("192.0.2.1", "192.0.2.2", 17, datagram, {.id = i}));
      scene.on_outer(outer_packet(scene.out, 50, esp_of(scene.out, ++scene.number, datagram, 17), {.id = i}));
      scene.wait(10'000);
    }
  }
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.encrypted == 4);
  CHECK(report.verdict == GatewayVerdict::pass);
}

TEST_CASE("protects: an SA that does not encrypt proves nothing") {
  VpnScene scene;
  scene.out.algorithms =
      "enc ecb(cipher_null) / auth-trunc hmac(sha256) "
      "0x61d0a7f3182bc94e75fa06e8b39d5c24e1077ac3d95f4b8620bd93fe68154ca7 128";
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(report.verdict == GatewayVerdict::inconclusive);
  REQUIRE(report.reasons.size() == 1);
  CHECK(report.reasons[0].find("does not encrypt") != std::string::npos);
}

TEST_CASE("protects: wrong keys, swapped captures and empty ones are said to be that") {
  VpnScene scene = begun();
  std::string expected;
  SECTION("wrong keys") {
    std::swap(scene.out.algorithms, scene.in.algorithms);
    scene.keys = dump_text(scene.out) + dump_text(scene.in);
    expected = "no ESP packet verifies under the keys";
  }
  SECTION("no keys of these SAs") {
    scene.out.spi = 5;
    scene.keys = dump_text(scene.out);
    expected = "the keys of these SAs are missing";
  }
  SECTION("swapped") {
    std::swap(scene.plain, scene.outer);
    expected = "swapped";
  }
  SECTION("the same") {
    scene.outer = scene.plain;
    expected = "both captures are the same";
  }
  SECTION("an empty one") {
    scene.plain.clear();
    expected = "no IP packet";
  }
  SECTION("no ESP") {
    scene.outer.clear();
    expected = "no ESP packet";
  }
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.verdict == GatewayVerdict::inconclusive);
  REQUIRE_FALSE(report.reasons.empty());
  CHECK(report.reasons[0].find(expected) != std::string::npos);
}

}  // namespace espdump::test
