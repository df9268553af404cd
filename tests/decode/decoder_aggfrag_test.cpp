// AGGFRAG payloads of ESP through the whole decoder. No kernel of the laboratory sends them: they are made here.
#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::uint8_t aggfrag = 144;

Octets operator+(Octets first, const Octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}
Octets part(const Octets& whole, std::size_t from, std::size_t to) {
  return {whole.begin() + static_cast<std::ptrdiff_t>(from), whole.begin() + static_cast<std::ptrdiff_t>(to)};
}
Octets header(std::size_t block_offset) {
  Octets out(4);
  write_u16(out, 2, static_cast<std::uint16_t>(block_offset));
  return out;
}
SaText iptfs() {
  SaText sa;
  sa.mode = "5";
  return sa;
}
Octets frame(std::uint64_t sequence, std::size_t block_offset, const Octets& blocks) {
  return esp_frame(iptfs(), sequence, header(block_offset) + blocks, aggfrag);
}
Octets bytes_of_inner(const Packet& packet, std::size_t index) {
  return octets(packet.buffers()[packet.inner()[index].buffer].bytes);
}

}  // namespace

TEST_CASE("decoder, AGGFRAG: several packets in one payload, then padding") {
  Rig rig{{iptfs()}};
  const Packet& packet = rig.feed(frame(1, 0, inner_v4(1) + inner_v6(2) + Octets(30)));
  CHECK(layer_names(packet) == "ethernet ipv4 esp aggfrag ipv4 icmp ipv6 udp");
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].mode == SaMode::iptfs);
  REQUIRE(packet.inner().size() == 2);
  CHECK(bytes_of_inner(packet, 0) == inner_v4(1));
  CHECK(bytes_of_inner(packet, 1) == inner_v6(2));
  CHECK(packet.inner()[0].innermost);
  CHECK(packet.findings().empty());
}

TEST_CASE("decoder, AGGFRAG: the next header decides, not the mode of the SA") {
  for (const char* mode : {"tunnel", "transport", "beet"}) {
    SaText sa;
    sa.mode = mode;
    Rig rig{{sa}, {false, true}};
    const Packet& packet = rig.feed(esp_frame(sa, 1, header(0) + inner_v4(1), aggfrag));
    REQUIRE(packet.inner().size() == 1);
    CHECK(bytes_of_inner(packet, 0) == inner_v4(1));
  }
}

TEST_CASE("decoder, AGGFRAG: a packet in pieces is reported at the frame that completes it") {
  Rig rig{{iptfs()}};
  const Octets whole = inner_v4(1, 400);
  CHECK(rig.feed(frame(1, 0, part(whole, 0, 100))).inner().empty());
  CHECK(rig.feed(frame(3, whole.size() - 300, part(whole, 300, whole.size()) + inner_v4(2))).inner().size() == 1);
  const Packet& packet = rig.feed(frame(2, whole.size() - 100, part(whole, 100, 300)));
  REQUIRE(packet.inner().size() == 1);
  CHECK(bytes_of_inner(packet, 0) == whole);
  CHECK(packet.reassembled);
  CHECK(packet.buffers()[packet.inner()[0].buffer].origin == Origin::aggregated);
  CHECK(packet.findings().empty());
}

TEST_CASE("decoder, AGGFRAG: a replay and a packet captured twice complete nothing") {
  Rig rig{{iptfs()}};
  const Octets whole = inner_v4(1, 400);
  const Octets first = frame(1, 0, part(whole, 0, 100)), second = frame(2, whole.size() - 100, part(whole, 100, 428));
  rig.feed(first);
  CHECK(rig.feed(first).inner().empty());
  CHECK(rig.feed(second).inner().size() == 1);
  CHECK(rig.feed(second).inner().empty());
  CHECK(rig.feed(second, {.gap = 1000}).inner().empty());
  CHECK(rig.sa(0).replayed == 2);
  CHECK(rig.sa(0).capture_duplicates == 1);
}

TEST_CASE("decoder, AGGFRAG: padding alone is nothing to report, lost pieces are") {
  Rig rig{{iptfs()}};
  const Octets whole = inner_v4(1, 400);
  const Packet& padding = rig.feed(frame(1, 0, Octets(500)));
  CHECK(layer_names(padding) == "ethernet ipv4 esp aggfrag");
  CHECK(padding.findings().empty());
  rig.feed(frame(2, 0, part(whole, 0, 100)));
  for (std::uint64_t number = 4; number < 80; ++number) rig.feed(frame(number, 0, Octets(50)));
  rig.finish();
  CHECK(rig.decoder().reassembly().aggfrag == 1);
  const auto told = rig.concluded(codes::capture_truncated);
  REQUIRE(told.size() == 1);
  CHECK(told[0].what.find("1 inner packet of which AGGFRAG pieces are missing") == 0);
}

TEST_CASE("decoder, AGGFRAG: bad blocks and unknown sub-types are malformed ESP") {
  Rig rig{{iptfs()}};
  CHECK(rig.feed(frame(1, 0, Octets(40, 0x99))).findings().at(0).info == &codes::esp_malformed);
  Octets unknown = header(0) + inner_v4(1);
  unknown[0] = 2;
  const Packet& packet = rig.feed(esp_frame(iptfs(), 2, unknown, aggfrag));
  CHECK(packet.findings().at(0).info == &codes::esp_malformed);
  CHECK(packet.inner().empty());
  CHECK(rig.feed(esp_frame(iptfs(), 3, Octets{0, 0, 0}, aggfrag)).findings().at(0).info == &codes::esp_malformed);
}

TEST_CASE("decoder, AGGFRAG: as many packets as fit, and ESP inside") {
  Rig rig{{iptfs()}};
  Octets many;
  const Octets smallest = ipv4_packet("10.0.0.1", "10.0.0.2", 59, {});
  for (int i = 0; i < 3000; ++i) many = std::move(many) + smallest;
  CHECK(rig.feed(frame(1, 0, many)).inner().size() == 3000);
  const Octets nested = outer_packet(iptfs(), 50, esp_of(iptfs(), 3, header(0) + inner_v4(7), aggfrag));
  const Packet& packet = rig.feed(frame(2, 0, nested + inner_v4(8)));
  CHECK(layer_names(packet) == "ethernet ipv4 esp aggfrag ipv4 esp aggfrag ipv4 icmp ipv4 icmp");
  REQUIRE(packet.inner().size() == 3);
  CHECK_FALSE(packet.inner()[0].innermost);
  CHECK(packet.inner()[1].innermost);
  CHECK(packet.inner()[2].inside == 0);
}
