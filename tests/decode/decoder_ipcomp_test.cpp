// IPComp end to end: under ESP and AH and alone, tunnel and transport mode, one in another, and damaged.
#include <espdump/decoder.hpp>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/deflate.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText tunnel{};
SaText transport() {
  SaText sa{};
  sa.mode = "transport";
  return sa;
}

constexpr DecoderOptions keep{.keep_inner_packets = true};
const Octets datagram = udp_datagram("192.0.2.1", "192.0.2.2", 1000, 2000, Octets(300, 1));

Octets ipcomp(std::uint8_t next_header, const Octets& payload, std::uint8_t cpi = 2) {
  Octets out{next_header, 0, 0, cpi};
  const Octets small = deflated(payload);
  out.insert(out.end(), small.begin(), small.end());
  return out;
}

Octets inner(const Packet& packet, std::size_t index) {
  return octets(packet.buffers()[packet.inner().at(index).buffer].bytes);
}

}  // namespace

TEST_CASE("decoder: of IPComp in tunnel mode the packet inside is the innermost one") {
  const Octets carried = inner_v4(1, 400);
  Rig rig{{transport()}, keep};
  const Packet& out = rig.feed(esp_frame(transport(), 1, ipcomp(4, carried), 108));
  CHECK(layer_names(out) == "ethernet ipv4 esp ipcomp ipv4 icmp");
  CHECK(out.ipsec().at(0).next_header == 108);
  REQUIRE(out.inner().size() == 2);
  CHECK_FALSE(out.inner()[0].innermost);
  CHECK(inner(out, 1) == carried);
  CHECK(out.inner()[1].inside == 0);
  CHECK(out.buffers()[out.inner()[1].buffer].origin == Origin::inflated);
  CHECK(out.findings().empty());
}

TEST_CASE("decoder: of IPComp in transport mode the packet is rebuilt as it was before") {
  Rig rig{{transport()}, keep};
  const Packet& out = rig.feed(esp_frame(transport(), 1, ipcomp(17, datagram), 108));
  CHECK(layer_names(out) == "ethernet ipv4 esp ipcomp udp");
  REQUIRE(out.inner().size() == 2);
  CHECK(inner(out, 1) == outer_packet(tunnel, 17, datagram));
}

TEST_CASE("decoder: IPComp inside a packet of a tunnel is undone in that packet") {
  const Octets compressed = ipv4_packet("10.0.0.1", "10.0.0.2", 108, ipcomp(17, datagram));
  Rig rig{{tunnel}, keep};
  const Packet& out = rig.feed(esp_frame(tunnel, 1, compressed));
  CHECK(layer_names(out) == "ethernet ipv4 esp ipv4 ipcomp udp");
  REQUIRE(out.inner().size() == 2);
  CHECK(inner(out, 0) == compressed);
  CHECK(inner(out, 1) == ipv4_packet("10.0.0.1", "10.0.0.2", 17, datagram));
}

TEST_CASE("decoder: IPComp under IPv6 and its extension headers is undone") {
  SaText sa = transport();
  sa.source = "2001:db8::1";
  sa.destination = "2001:db8::2";
  Rig rig{{sa}, keep};
  const Packet& out = rig.feed(esp_frame(sa, 1, ipcomp(17, datagram), 108));
  CHECK(inner(out, 1) == outer_packet(sa, 17, datagram));
  const Packet& plain = rig.feed(ethernet_frame(outer_packet(sa, 108, ipcomp(41, inner_v6(1, 300)))));
  CHECK(layer_names(plain) == "ethernet ipv6 ipcomp ipv6 udp");
}

TEST_CASE("decoder: IPComp alone is shown; as nothing was opened, nothing is kept") {
  Rig rig{{tunnel}, keep};
  const Packet& out = rig.feed(ethernet_frame(outer_packet(tunnel, 108, ipcomp(17, datagram))));
  CHECK(layer_names(out) == "ethernet ipv4 ipcomp udp");
  CHECK(out.inner().empty());
  CHECK(out.ipsec().empty());
}

TEST_CASE("decoder: IPComp under AH is undone where AH verifies, and only shown where it does not") {
  SaText ah{.spi = 0x2001, .mode = "transport", .protocol = "ah"};
  ah.algorithms = "auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96";
  Rig rig{{ah}, keep};
  const Octets frame = ah_frame(ah, 1, outer_packet(ah, 108, ipcomp(4, inner_v4(1, 300))));
  const Packet& good = rig.feed(frame);
  CHECK(layer_names(good) == "ethernet ipv4 ah ipcomp ipv4 icmp");
  REQUIRE(good.inner().size() == 2);
  CHECK(inner(good, 1) == inner_v4(1, 300));
  Octets altered = frame;
  altered[14 + 20 + 12] ^= 1;
  const Packet& bad = rig.feed(altered);
  CHECK(layer_names(bad) == "ethernet ipv4 ah ipcomp ipv4 icmp");
  CHECK(bad.inner().empty());
}

TEST_CASE("decoder: IPComp in IPComp is undone, but not without end") {
  Rig rig{{transport()}, keep};
  Octets twice = ipcomp(108, ipcomp(17, Octets(2000, 1)));
  CHECK(layer_names(rig.feed(esp_frame(transport(), 1, twice, 108))) == "ethernet ipv4 esp ipcomp ipcomp udp");
  Octets deep = ipcomp(17, datagram);
  for (int i = 0; i < 12; ++i) deep = ipcomp(108, deep);
  const Packet& out = rig.feed(ethernet_frame(outer_packet(tunnel, 108, deep)));
  CHECK(out.layers().size() == 2 + 9);
}

TEST_CASE("decoder: damaged IPComp is a finding, and what ESP carried stays the innermost packet") {
  Octets damaged = ipcomp(17, datagram);
  damaged[4] = 0xff;
  Rig rig{{transport()}, keep};
  const Packet& out = rig.feed(esp_frame(transport(), 1, damaged, 108));
  CHECK(layer_names(out) == "ethernet ipv4 esp ipcomp");
  REQUIRE(out.inner().size() == 1);
  CHECK(out.inner()[0].innermost);
  REQUIRE(rig.found(codes::packet_malformed).size() == 1);
  CHECK(rig.found(codes::packet_malformed)[0].message.find("its sender") != std::string::npos);
}

TEST_CASE("decoder: IPComp that the capture cut is left alone") {
  Rig rig{{tunnel}};
  const Octets frame = ethernet_frame(outer_packet(tunnel, 108, ipcomp(17, Octets(4000, 3))));
  const Packet& out = rig.feed(frame, {.captured = frame.size() - 2});
  CHECK(layer_names(out) == "ethernet ipv4 ipcomp");
  CHECK(rig.found(codes::packet_malformed).empty());
}
