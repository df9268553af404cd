// What a VPN gateway does wrong, one thing at a time, is found at the right frames and nowhere else.
#include "support/catch.hpp"
#include "support/vpn_gateway.hpp"

namespace espdump::test {
TEST_CASE("protects: both directions of a good gateway pass, and only what leaves is asked for") {
  VpnScene scene;
  scene.traffic(10);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.reasons.empty());
  CHECK(report.verdict == GatewayVerdict::pass);
  CHECK(report.plain == 20);
  CHECK(report.encrypted == 10);
  CHECK(report.entered == 10);
  CHECK(report.unseen == 0);
}

TEST_CASE("protects: what is for the protected side is not asked for, even where its ESP is not in the capture") {
  VpnScene scene = begun();
  scene.on_plain(scene.answer());
  scene.wait(10'000);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.entered == 9);
  CHECK(report.not_ours == 0);
}

TEST_CASE("protects: a packet that did not leave is named") {
  VpnScene scene = begun();
  scene.on_plain(scene.packet());
  const std::string expected = at("gateway.dropped-valid", scene.plain_frame(), 0);
  CHECK(judged(scene) == expected);
}

TEST_CASE("protects: a changed byte is a modified packet, not one that was dropped") {
  VpnScene scene = begun();
  const Octets good = scene.packet();
  Octets bad = routed(good);
  bad[50] ^= 1;
  scene.leaves_as(good, bad);
  const std::string expected = at("gateway.modified", scene.plain_frame(), scene.outer_frame());
  CHECK(judged(scene) == expected);
  CHECK(changes_between(good, bad).what == "byte 30 of UDP");
  CHECK(scene.judge().encrypted == 9);
}

TEST_CASE("protects: a clamped MSS is a modified packet, and said to be that") {
  VpnScene scene = begun();
  const Octets good = syn(1460, 7), bad = routed(syn(1306, 7));
  scene.leaves_as(good, bad);
  const std::string expected = at("gateway.modified", scene.plain_frame(), scene.outer_frame());
  CHECK(judged(scene) == expected);
  const ProtectChange change = changes_between(good, bad);
  CHECK(change.what == "TCP MSS 1460 > 1306");
  CHECK(change.clamps_mss);
}

TEST_CASE("protects: a clamped MSS is found without identification, by the numbers of TCP") {
  VpnScene scene = begun();
  scene.leaves_as(syn(1460, 0), routed(syn(1306, 0)));
  const std::string expected = at("gateway.modified", scene.plain_frame(), scene.outer_frame());
  CHECK(judged(scene) == expected);
}

TEST_CASE("protects: NAT in front of encryption is told by the addresses") {
  VpnScene scene = begun();
  scene.out.selector = "src 0.0.0.0/0 dst 10.2.0.0/16";
  const Octets good = syn(1460, 9), bad = routed(syn(1460, 9, "192.0.2.9"));
  scene.leaves_as(good, bad);
  const std::string expected = at("gateway.modified", scene.plain_frame(), scene.outer_frame());
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report) == expected);
  CHECK(report.violations.at(0).change.what == "source address 10.1.0.5 > 192.0.2.9");
  CHECK(changes_between(good, bad).what == "source address 10.1.0.5 > 192.0.2.9");
}

TEST_CASE("protects: a TTL that was raised is an alteration, one that went down is none") {
  VpnScene scene = begun();
  const Octets good = scene.packet(20);
  Octets bad = good;
  bad[8] = 64;
  scene.leaves_as(good, repaired(bad));
  const std::string expected = at("gateway.modified", scene.plain_frame(), scene.outer_frame());
  Octets low = scene.packet(20);
  scene.on_plain(low);
  low[8] = 3;
  low[1] = 0xb8;
  scene.seal(repaired(low));
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report) == expected);
  CHECK(report.violations.at(0).change.what == "TTL 20 > 64");
}

TEST_CASE("protects: DF, identification and options are told by name") {
  const Octets good = syn(1460, 9);
  Octets bad = good;
  bad[6] = 0;
  bad[5] = 10;
  CHECK(changes_between(good, repaired(bad)).what == "identification 9 > 10, DF 1 > 0");
  Octets window = good;
  window[20 + 15] ^= 1;
  CHECK(changes_between(good, window).what == "TCP window 64240 > 64241");
  CHECK_FALSE(changes_between(good, window).clamps_mss);
}

TEST_CASE("protects: what cannot be told apart is not guessed") {
  // Two echo requests without identification, and one packet out of ESP that may be either, altered.
  const auto echo = [](std::uint16_t number, std::uint8_t fill) {
    return ipv4_packet("10.1.0.5", "10.2.0.5", 1, icmp_echo(7, number, Octets(40, fill)));
  };
  VpnScene scene = begun();
  scene.on_plain(echo(1, 1));
  scene.wait(10);
  scene.on_plain(echo(2, 2));
  scene.seal(routed(echo(3, 3)));
  const std::uint64_t last = scene.plain_frame();
  scene.wait(10'000);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report) == at("gateway.dropped-valid", last - 1, 0) + at("gateway.dropped-valid", last, 0));
  CHECK(report.unseen == 1);
}

TEST_CASE("protects: a packet in the clear has leaked, encrypted or not") {
  for (const bool encrypted : {false, true}) {
    VpnScene scene = begun();
    const Octets packet = scene.packet();
    scene.on_plain(packet);
    scene.on_outer(routed(packet), 50);
    const std::string expected = at("gateway.leaked-plaintext", scene.plain_frame(), scene.outer_frame());
    if (encrypted) scene.seal(routed(packet));
    scene.wait(10'000);
    CHECK(judged(scene) == expected);
  }
}

TEST_CASE("protects: a packet that NAT took out of the selector has leaked") {
  VpnScene scene = begun();
  scene.on_plain(syn(1460, 9));
  scene.on_outer(routed(syn(1460, 9, "192.0.2.1")));
  const std::string expected = at("gateway.leaked-plaintext", scene.plain_frame(), scene.outer_frame());
  scene.wait(10'000);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report) == expected);
  CHECK(report.violations.at(0).change.what == "source address 10.1.0.5 > 192.0.2.1");
}

TEST_CASE("protects: a packet in the clear has leaked that the protected side's capture does not have") {
  VpnScene scene = begun();
  scene.on_outer(scene.packet());
  const std::string expected = at("gateway.leaked-plaintext", 0, scene.outer_frame());
  scene.wait(10'000);
  CHECK(judged(scene) == expected);
}

TEST_CASE("protects: a packet in the clear inside GRE has leaked, too") {
  VpnScene scene = begun();
  const Octets packet = scene.packet();
  scene.on_plain(packet);
  Octets gre{0, 0, 8, 0};
  const Octets inside = routed(packet);
  gre.insert(gre.end(), inside.begin(), inside.end());
  scene.on_outer(ipv4_packet("192.0.2.1", "192.0.2.2", 47, gre));
  const std::string expected = at("gateway.leaked-plaintext", scene.plain_frame(), scene.outer_frame());
  scene.wait(10'000);
  CHECK(judged(scene) == expected);
}

TEST_CASE("protects: two ESP packets with one packet are one too many; one ESP packet twice is not") {
  VpnScene scene = begun();
  const Octets packet = scene.packet();
  scene.on_plain(packet);
  scene.seal(routed(packet));
  scene.seal(routed(packet), 150);
  const std::string expected = at("gateway.duplicated", scene.plain_frame(), scene.outer_frame());
  scene.wait(10'000);
  scene.leaves(scene.packet());
  VpnScene::Timed again = scene.outer.back();
  again.time += 20'000;
  scene.outer.push_back(again);
  CHECK(judged(scene) == expected);
}

TEST_CASE("protects: a packet outside of the selector of its SA is named on both sides") {
  VpnScene scene = begun();
  const auto packet = ipv4_packet("10.1.0.5", "10.9.0.5", 17, udp_datagram("", "", 1, 2, Octets(20)), {.id = 3});
  scene.leaves(packet);
  const std::string expected = at("selector.mismatch", scene.plain_frame(), scene.outer_frame());
  CHECK(judged(scene) == expected);
}

TEST_CASE("protects: fragments are encrypted whichever way they are cut") {
  VpnScene scene = begun();
  const auto cut_before = [&](const Octets& packet, std::size_t size) {
    for (const Octets& piece : fragments_of(packet, size)) scene.on_plain(piece);
  };
  const auto cut_behind = [&](const Octets& packet, std::size_t size) {
    for (const Octets& piece : fragments_of(packet, size)) scene.seal(routed(piece));
    scene.wait(10'000);
  };
  SECTION("by the gateway") {
    const Octets packet = scene.packet(64, 1000);
    scene.on_plain(packet);
    cut_behind(packet, 400);
  }
  SECTION("and put together by it") {
    const Octets packet = scene.packet(64, 1000);
    cut_before(packet, 400);
    scene.seal(routed(packet));
    scene.wait(10'000);
  }
  SECTION("and pass one by one") {
    const Octets packet = scene.packet(64, 1000);
    cut_before(packet, 400);
    cut_behind(packet, 400);
  }
  SECTION("and are cut anew") {
    const Octets packet = scene.packet(64, 1000);
    cut_before(packet, 400);
    cut_behind(packet, 240);
  }
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.verdict == GatewayVerdict::pass);
  CHECK(report.encrypted == 9);
  CHECK(report.unseen == 0);
}

TEST_CASE("protects: a fragment that did not leave makes its packet one that did not") {
  VpnScene scene = begun();
  const Octets packet = scene.packet(64, 1000);
  const auto pieces = fragments_of(packet, 400);
  for (const Octets& piece : pieces) scene.on_plain(piece);
  const std::string expected = at("gateway.dropped-valid", scene.plain_frame(), 0);
  scene.seal(routed(pieces[0]));
  scene.seal(routed(pieces[2]));
  scene.wait(10'000);
  CHECK(judged(scene) == expected);
}

TEST_CASE("protects: a packet that was captured twice is asked for once") {
  VpnScene scene = begun();
  const Octets packet = scene.packet();
  scene.on_plain(packet, -20);
  scene.leaves(packet);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.copies == 1);
  CHECK(report.encrypted == 9);
}

TEST_CASE("protects: what a host decrypted is no leak on the interface it came in by") {
  VpnScene scene = begun();
  const Octets inside = scene.answer();
  scene.enters(inside);
  VpnScene::Timed shown = scene.outer.back();
  shown.frame = ethernet_frame(inside);
  shown.time += 5'000;
  scene.outer.push_back(shown);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  REQUIRE(report.notes.size() == 1);
  CHECK(report.notes[0].find("a host that decrypts") != std::string::npos);
}

TEST_CASE("protects: what no SA is for, and what gateways say to each other, may be in the clear") {
  VpnScene scene = begun();
  const auto web = ipv4_packet("10.1.0.5", "198.51.100.1", 17, udp_datagram("", "", 1, 2, Octets(20)), {.id = 5});
  scene.on_plain(web);
  scene.on_outer(routed(web));
  scene.on_outer(ipv4_packet("192.0.2.1", "192.0.2.2", 17, udp_datagram("", "", 4500, 4500, {0xff})));
  scene.wait(10'000);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.not_ours == 1);
  CHECK(report.verdict == GatewayVerdict::pass);
}

TEST_CASE("protects: a selector with ports leaves other ports alone") {
  VpnScene scene;
  scene.out.selector = "src 10.1.0.0/16 dst 10.2.0.0/16 proto udp dport 6000";
  scene.traffic(4);
  const auto other = ipv4_packet("10.1.0.5", "10.2.0.5", 17, udp_datagram("", "", 5000, 53, Octets(20)), {.id = 5});
  scene.on_plain(other);
  scene.on_outer(routed(other));
  scene.wait(10'000);
  scene.traffic(4);
  const ProtectReport report = scene.judge();
  CHECK(violations(report).empty());
  CHECK(report.not_ours == 1);
}

TEST_CASE("protects: where no selector says what is protected, all between hosts is of which something is encrypted") {
  VpnScene scene;
  scene.out.selector = scene.in.selector = "src 0.0.0.0/0 dst 0.0.0.0/0";
  scene.traffic(4);
  const auto echo = [](std::string_view destination) {
    return ipv4_packet("10.1.0.5", destination, 1, icmp_echo(7, 1, Octets(40)), {.id = 9});
  };
  scene.on_plain(echo("10.2.0.5"));
  scene.on_outer(routed(echo("10.2.0.5")));
  const std::string expected = at("gateway.leaked-plaintext", scene.plain_frame(), scene.outer_frame());
  scene.on_plain(echo("198.51.100.1"));
  scene.on_outer(routed(echo("198.51.100.1")));
  scene.wait(10'000);
  CHECK(judged(scene) == expected);
  CHECK(scene.judge().not_ours == 1);
}

TEST_CASE("protects: a replay without integrity is no second encryption") {
  VpnScene scene;
  scene.out.algorithms = cbc_alone;
  scene.traffic(4);
  scene.leaves(scene.packet());
  VpnScene::Timed again = scene.outer.back();
  again.time += 30'000'000;
  scene.wait(100'000);
  scene.outer.push_back(again);
  CHECK(judged(scene).empty());
}

}  // namespace espdump::test
