// Frames of TCP connections that carry ESP and IKE, through the whole decoder.
#include <espdump/codes.hpp>
#include <espdump/wire/ikev2.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::uint8_t syn = 0x02, ack = 0x10;

Octets framed(const Octets& content) {
  Octets out(2);
  write_u16(out, 0, static_cast<std::uint16_t>(content.size() + 2));
  out.insert(out.end(), content.begin(), content.end());
  return out;
}
Octets operator+(Octets first, const Octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}
Octets part(const Octets& whole, std::size_t from, std::size_t to) {
  return {whole.begin() + static_cast<std::ptrdiff_t>(from), whole.begin() + static_cast<std::ptrdiff_t>(to)};
}
const Octets prefix{'I', 'K', 'E', 'T', 'C', 'P'};

// The initiator's direction of a connection.
struct Wire {
  SaText sa{};
  Rig rig{{sa}};
  std::uint32_t number = 5000;
  explicit Wire(const SaText& with = {}) : sa(with), rig({with}) {}

  Octets frame(const Octets& payload, std::uint32_t at, std::uint8_t flags = ack) const {
    return ethernet_frame(ipv4_packet(sa.source, sa.destination, 6,
                                      tcp_segment(sa.source, sa.destination, 40000, 4500, payload, {at, 1, flags})));
  }
  const Packet& send(const Octets& payload, std::uint8_t flags = ack, const Met& met = {}) {
    const std::uint32_t at = number;
    number += static_cast<std::uint32_t>(payload.size()) + ((flags & syn) != 0 ? 1 : 0);
    return rig.feed(frame(payload, at, flags), met);
  }
  void open() {
    send({}, syn);
    CHECK(layer_names(send(prefix)) == "ethernet ipv4 tcp espintcp");
  }
  [[nodiscard]] Octets esp(std::uint64_t sequence, std::size_t size = 40) const {
    return framed(esp_of(sa, sequence, inner_v4(static_cast<std::uint16_t>(sequence), size)));
  }
};

}  // namespace

TEST_CASE("decoder, TCP: a message in one segment is opened where it lies") {
  Wire wire;
  wire.open();
  const Packet& packet = wire.send(wire.esp(1));
  CHECK(layer_names(packet) == "ethernet ipv4 tcp espintcp esp ipv4 icmp");
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].encapsulation == Encapsulation::tcp);
  CHECK(packet.ipsec()[0].decrypted);
  CHECK(packet.buffers()[packet.layers()[4].buffer].origin == Origin::capture);
  CHECK_FALSE(packet.reassembled);
  CHECK(packet.findings().empty());
  CHECK(wire.rig.sa(0).encapsulation == Encapsulation::tcp);
}

TEST_CASE("decoder, TCP: a message over several segments is reported at the frame that completes it") {
  Wire wire;
  wire.open();
  const Octets message = wire.esp(1, 300);
  CHECK(layer_names(wire.send(part(message, 0, 1))) == "ethernet ipv4 tcp");
  CHECK(wire.send(part(message, 1, 200)).ipsec().empty());
  const Packet& packet = wire.send(part(message, 200, message.size()));
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].decrypted);
  CHECK(packet.reassembled);
  CHECK(packet.buffers()[packet.layers()[3].buffer].origin == Origin::segments);
}

TEST_CASE("decoder, TCP: several messages of one segment stand in their order") {
  Wire wire;
  wire.open();
  const Octets ike = unhex("00000000 1111111111111111 2222222222222222 2e 20 23 08 00000001 0000001c");
  const Packet& packet = wire.send(wire.esp(1) + framed(ike) + Octets{0, 3, 0xff} + wire.esp(2));
  CHECK(layer_names(packet) ==
        "ethernet ipv4 tcp espintcp esp ipv4 icmp espintcp ikev2 espintcp espintcp esp ipv4 icmp");
  REQUIRE(packet.ipsec().size() == 2);
  CHECK(packet.ipsec()[0].sequence == 1);
  CHECK(packet.ipsec()[1].sequence == 2);
  REQUIRE(packet.inner().size() == 2);
  CHECK(packet.inner()[0].innermost);
  CHECK(packet.inner()[1].innermost);
  CHECK(packet.inner()[1].record == 1);
  REQUIRE(packet.find<wire::Ikev2>());
  CHECK(packet.find<wire::Ikev2>()->message_id() == 1);
}

TEST_CASE("decoder, TCP: a retransmission is no replay, an ESP packet sent twice is one at once") {
  Wire wire;
  wire.open();
  const Octets message = wire.esp(1);
  const std::uint32_t here = wire.number;
  wire.send(message);
  CHECK(layer_names(wire.rig.feed(wire.frame(message, here))) == "ethernet ipv4 tcp");
  const Met other_side{.gap = 10'000, .interface = 1};
  CHECK(wire.rig.feed(wire.frame(message, here), other_side).ipsec().empty());
  CHECK(wire.rig.sa(0).packets == 1);
  const Packet& both = wire.send(wire.esp(2) + wire.esp(2));
  REQUIRE(both.ipsec().size() == 2);
  CHECK(both.ipsec()[1].replay == ReplayVerdict::duplicate);
  wire.rig.finish();
  CHECK(wire.rig.found(codes::replay_duplicate).size() == 1);
}

TEST_CASE("decoder, TCP: a capture that begins in the middle finds the next message by its SPI") {
  Wire wire;
  const Octets first = wire.esp(1, 100), second = wire.esp(2, 100);
  CHECK(wire.send(part(first, 40, first.size()) + part(second, 0, 20)).ipsec().empty());
  CHECK(wire.send(part(second, 20, second.size())).ipsec().size() == 1);
  CHECK(wire.send(wire.esp(3)).ipsec().size() == 1);
  CHECK(wire.rig.sa(0).icv_ok == 2);
}

TEST_CASE("decoder, TCP: a segment that was never captured costs its messages, and is told") {
  Wire wire;
  wire.open();
  wire.send(wire.esp(1));
  wire.number += static_cast<std::uint32_t>(wire.esp(2).size());
  CHECK(wire.send(wire.esp(3)).ipsec().empty());
  CHECK(wire.rig.decoder().reassembly().streams.count() == 1);
  const Packet& packet = wire.send(wire.esp(4), ack, {.gap = 11'000'000'000});
  CHECK(packet.ipsec().size() == 2);
  wire.rig.finish();
  const auto told = wire.rig.concluded(codes::capture_truncated);
  REQUIRE(told.size() == 1);
  CHECK(told[0].what.find("1 gap in TCP connections") == 0);
  CHECK(wire.rig.sa(0).lost == 1);
}

TEST_CASE("decoder, TCP: the snap length cuts messages, and only those") {
  Wire wire;
  wire.open();
  const Packet& cut = wire.send(wire.esp(1, 200), ack, {.captured = 120});
  REQUIRE(cut.ipsec().size() == 1);
  CHECK(cut.ipsec()[0].unchecked == Unchecked::cut);
  CHECK(wire.send(wire.esp(2)).ipsec()[0].icv == IcvVerdict::ok);
  wire.send(wire.esp(3, 200) + wire.esp(4), ack, {.captured = 120});
  CHECK(wire.send(wire.esp(5)).ipsec().at(0).sequence == 5);
}

TEST_CASE("decoder, TCP: a length that does not count itself is malformed") {
  Wire wire;
  wire.open();
  const Packet& packet = wire.send(Octets{0, 1});
  REQUIRE(packet.findings().size() == 1);
  CHECK(packet.findings()[0].info == &codes::esp_malformed);
  CHECK(wire.send(wire.esp(1)).ipsec().size() == 1);
}

TEST_CASE("decoder, TCP: segments that contradict what waits are told") {
  Wire wire;
  wire.open();
  const Octets message = wire.esp(1);
  Octets other = message;
  other[20] ^= 1;
  wire.rig.feed(wire.frame(part(message, 10, 30), wire.number + 10));
  const Packet& packet = wire.rig.feed(wire.frame(part(other, 10, 40), wire.number + 10));
  REQUIRE(packet.findings().size() == 1);
  CHECK(packet.findings()[0].info == &codes::packet_malformed);
  CHECK(wire.send(message).ipsec().at(0).icv == IcvVerdict::ok);
}

TEST_CASE("decoder, TCP: a segment of thousands of messages is taken apart as far as there is room") {
  SaText sa;
  sa.algorithms = cbc_sha256;
  Wire wire{sa};
  wire.open();
  Octets all;
  for (int i = 0; i < 20'000; ++i) all = std::move(all) + Octets{0, 3, 0xff};
  const Packet& packet = wire.send(all);
  CHECK(packet.layers().size() > 5000);
  REQUIRE(packet.findings().size() == 1);
  CHECK(packet.findings()[0].info == &codes::capture_truncated);
}

TEST_CASE("decoder, TCP: transport mode rebuilds the packet without TCP") {
  SaText sa;
  sa.mode = "transport";
  Rig rig{{sa}, {false, true}};
  const Octets echo = icmp_echo(1, 1, Octets(20, 7));
  const Octets payload = prefix + framed(esp_of(sa, 1, echo, 1));
  const Packet& packet = rig.feed(ethernet_frame(ipv4_packet(
      sa.source, sa.destination, 6, tcp_segment(sa.source, sa.destination, 40000, 4500, payload, {1, 1, ack}))));
  REQUIRE(packet.inner().size() == 1);
  CHECK(octets(packet.buffers()[packet.inner()[0].buffer].bytes) == ipv4_packet(sa.source, sa.destination, 1, echo));
}
