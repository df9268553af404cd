#include <espdump/packet.hpp>

#include <algorithm>

#include <espdump/codes.hpp>
#include <espdump/wire/udp.hpp>

#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool all(Bytes bytes, std::uint8_t value) {
  return std::all_of(bytes.begin(), bytes.end(), [=](std::uint8_t byte) { return byte == value; });
}

MutableBytes filled(Arena& arena, std::size_t size, std::uint8_t value) {
  const MutableBytes out = arena.allocate(size);
  std::fill(out.begin(), out.end(), value);
  return out;
}

}  // namespace

TEST_CASE("arena: pieces do not overlap and stay while it grows") {
  Arena arena;
  std::vector<MutableBytes> pieces;
  for (std::size_t i = 0; i < 200; ++i)
    pieces.push_back(filled(arena, 1 + i * 37 % 3000, static_cast<std::uint8_t>(i)));
  const MutableBytes large = filled(arena, 1'000'000, 0xaa);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    CHECK(pieces[i].size() == 1 + i * 37 % 3000);
    CHECK(all(pieces[i], static_cast<std::uint8_t>(i)));
  }
  CHECK(all(large, 0xaa));
}

TEST_CASE("arena: pieces of no bytes are good") {
  Arena arena;
  CHECK(arena.allocate(0).empty());
  filled(arena, 64 * 1024, 1);
  CHECK(arena.allocate(0).empty());
}

TEST_CASE("arena: after a reset the same memory is handed out again, and is zero") {
  Arena arena;
  const MutableBytes before = filled(arena, 3000, 0xee), second = filled(arena, 50'000, 0xdd);
  arena.reset();
  CHECK(all(before, 0));  // blocks stay allocated: this reads memory of the arena
  CHECK(all(second, 0));
  const MutableBytes after = arena.allocate(3000);
  CHECK(after.data() == before.data());
  CHECK(all(after, 0));
}

TEST_CASE("arena: what a large packet took is not kept for ever, and all goes on") {
  Arena arena;
  for (int round = 0; round < 3; ++round) {
    for (std::uint8_t i = 0; i < 20; ++i) filled(arena, 60'000, i);
    arena.reset();
  }
  CHECK(all(arena.allocate(60'000), 0));
}

TEST_CASE("arena: moving keeps what was handed out") {
  Arena arena;
  const MutableBytes piece = filled(arena, 100, 0x5a);
  Arena moved = std::move(arena);
  filled(moved, 100, 0x11);
  CHECK(all(piece, 0x5a));
}

TEST_CASE("packet: buffers are numbered in order and keep their origin") {
  Packet packet;
  const auto bytes = unhex("aabbcc");
  CHECK(packet.add_buffer(bytes, Origin::capture) == 0);
  CHECK(packet.add_buffer(Bytes{bytes}.subspan(1), Origin::decrypted) == 1);
  REQUIRE(packet.buffers().size() == 2);
  CHECK(packet.buffers()[0].bytes.data() == bytes.data());
  CHECK(packet.buffers()[1].bytes.size() == 2);
  CHECK(packet.buffers()[1].origin == Origin::decrypted);
}

TEST_CASE("packet: a reset leaves nothing of the frame before, and wipes what was made for it") {
  static constexpr Protocol protocol{"esp", "Encapsulating Security Payload"};
  Packet packet;
  const MutableBytes secret = packet.allocate(64);
  std::fill(secret.begin(), secret.end(), std::uint8_t{0x77});
  packet.frame = 9;
  packet.file = 2;
  packet.interface = 3;
  packet.time = {5};
  packet.link_type = 1;
  packet.wire_length = 60;
  packet.reassembled = true;
  packet.quoted_ipsec = QuotedIpsec{1, 2, 3};
  packet.add_buffer(secret, Origin::decrypted);
  packet.add_layer(protocol);
  packet.ipsec().push_back({});
  packet.add_finding(codes::icv_bad, "text", 4, "remedy");
  packet.reset();
  CHECK(all(secret, 0));
  CHECK((packet.frame == 0 && packet.file == 0 && packet.interface == 0 && packet.time == Timestamp{}));
  CHECK((packet.link_type == 0 && packet.wire_length == 0 && !packet.reassembled && !packet.quoted_ipsec));
  CHECK((packet.buffers().empty() && packet.layers().empty() && packet.ipsec().empty() && packet.findings().empty()));
}

TEST_CASE("packet: a finding gets the frame and the file of its packet") {
  Packet packet;
  packet.frame = 12;
  packet.file = 1;
  packet.add_finding(codes::replay_duplicate, "seen", 3, "do this");
  REQUIRE(packet.findings().size() == 1);
  const Finding& finding = packet.findings()[0];
  CHECK((finding.info == &codes::replay_duplicate && finding.frame == 12 && finding.file == 1 && finding.sa == 3));
  CHECK((finding.message == "seen" && finding.remedy == "do this"));
}

TEST_CASE("packet: find gives the innermost layer, and none that is quoted") {
  const std::string inner = ipv4_hex(17, udp_hex(9, 10, "")), quoting = ipv4_hex(1, "0303 0000 00000000" + inner);
  const auto nested = dissect_hex(ipv4_hex(17, udp_hex(7, 8, "")), as_ipv4);
  REQUIRE(nested.packet.find<wire::Udp>());
  CHECK(nested.packet.find<wire::Udp>()->source_port() == 7);
  CHECK(dissect_hex(ipv4_hex(4, inner), as_ipv4).packet.find<wire::Udp>()->source_port() == 9);
  const auto quoted = dissect_hex(quoting, as_ipv4);
  CHECK(quoted.names() == "ipv4 icmp \"ipv4 \"udp");
  CHECK_FALSE(quoted.packet.find<wire::Udp>());
}

TEST_CASE("packet: every verdict and mode has its word") {
  CHECK((to_string(Severity::info) == "info" && to_string(Severity::warning) == "warning"));
  CHECK(to_string(Severity::error) == "error");
  CHECK((to_string(IpsecProtocol::esp) == "esp" && to_string(IpsecProtocol::ah) == "ah"));
  CHECK(to_string(IpsecProtocol::ipcomp) == "comp");
  CHECK((to_string(SaMode::transport) == "transport" && to_string(SaMode::tunnel) == "tunnel"));
  CHECK((to_string(SaMode::beet) == "beet" && to_string(SaMode::iptfs) == "iptfs"));
  CHECK(to_string(SaMode::other) == "other");
  CHECK((to_string(IcvVerdict::ok) == "ok" && to_string(IcvVerdict::bad) == "bad"));
  CHECK((to_string(IcvVerdict::unchecked) == "unchecked" && to_string(IcvVerdict::none) == "none"));
}
