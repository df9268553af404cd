// What ICMP errors are about, outside tunnels and inside.
#include <espdump/codes.hpp>

#include "support/decoding.hpp"

#include "support/catch.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

Octets error_about(const Octets& quoted, std::size_t size, std::uint8_t type = 3, std::uint8_t code = 4) {
  Octets icmp{type, code, 0, 0, 0, 0, 5, 120};
  icmp.insert(icmp.end(), quoted.begin(), quoted.begin() + static_cast<std::ptrdiff_t>(std::min(size, quoted.size())));
  return ipv4_packet("198.51.100.9", "192.0.2.1", 1, icmp);
}

SaText in_udp() {
  SaText sa;
  sa.line = "encap type espinudp sport 4500 dport 4500 addr 0.0.0.0";
  return sa;
}
Octets udp_packet(const SaText& sa, std::uint64_t number) {
  return ipv4_packet("192.0.2.1", "192.0.2.2", 17,
                     udp_datagram("192.0.2.1", "192.0.2.2", 4500, 4500, esp_of(sa, number, inner_v4(1, 1400))));
}

}  // namespace

TEST_CASE("quotation: ESP by its SPI and number, and the frame of it") {
  const SaText sa;
  Rig rig{std::vector<SaText>{sa}};
  rig.feed(esp_frame(sa, 1));
  const Octets sealed = outer_packet(sa, 50, esp_of(sa, 2, inner_v4(2, 1400)));
  rig.feed(ethernet_frame(sealed));
  rig.feed(esp_frame(sa, 3));
  const Packet& packet = rig.feed(ethernet_frame(error_about(sealed, 28)));
  REQUIRE(packet.quoted_ipsec);
  CHECK(packet.quoted_ipsec->sa == 1);
  CHECK(packet.quoted_ipsec->sequence == 2);
  CHECK(packet.quoted_frame == 2);
}

TEST_CASE("quotation: the latest hundred packets of one SA are all remembered") {
  const SaText sa;
  Rig rig{std::vector<SaText>{sa}};
  std::vector<Octets> sealed;
  for (std::uint64_t number = 1; number <= 100; ++number) {
    sealed.push_back(outer_packet(sa, 50, esp_of(sa, number, inner_v4(static_cast<std::uint16_t>(number), 40))));
    rig.feed(ethernet_frame(sealed.back()));
  }
  std::size_t known = 0;
  for (std::size_t i = 0; i < sealed.size(); ++i)
    known += rig.feed(ethernet_frame(error_about(sealed[i], 28))).quoted_frame == i + 1 ? 1 : 0;
  CHECK(known >= 97);  // two of them may share a place in the table
}

TEST_CASE("quotation: of more packets than are remembered, the latest") {
  const SaText sa;
  Rig rig{std::vector<SaText>{sa}};
  const auto numbered = [](std::uint32_t number) {
    return ipv4_packet("10.1.0.1", "10.2.0.1", 132,
                       {1, 2, 3, 4, 0, static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
                        static_cast<std::uint8_t>(number)});
  };
  constexpr std::uint32_t many = 20'000, remembered = 16'384;
  for (std::uint32_t number = 1; number <= many; ++number) rig.feed(ethernet_frame(numbered(number)));
  const auto frame_about = [&](std::uint32_t number) {
    return rig.feed(ethernet_frame(error_about(numbered(number), 28))).quoted_frame;
  };
  CHECK(frame_about(many) == many);
  CHECK(frame_about(many - remembered) == 0);
  CHECK(frame_about(1) == 0);
  std::size_t known = 0;
  for (std::uint32_t number = many - 50; number < many; ++number) known += frame_about(number) == number ? 1 : 0;
  CHECK(known >= 47);  // others may have taken places in the table
}

TEST_CASE("quotation: ESP in UDP of which the UDP header alone is quoted") {
  const SaText sa = in_udp();
  Rig rig{std::vector<SaText>{sa}};
  rig.feed(ethernet_frame(udp_packet(sa, 1)));
  const Octets second = udp_packet(sa, 2);
  rig.feed(ethernet_frame(second));
  const Packet& by_ports = rig.feed(ethernet_frame(error_about(second, 28)));
  REQUIRE(by_ports.quoted_ipsec);
  CHECK(by_ports.quoted_ipsec->sa == 1);
  CHECK(by_ports.quoted_ipsec->by_ports);
  CHECK(by_ports.quoted_frame == 0);
  CHECK(rig.found(codes::mtu_exceeded).size() == 1);
  const Packet& whole = rig.feed(ethernet_frame(error_about(second, 200)));
  REQUIRE(whole.quoted_ipsec);
  CHECK_FALSE(whole.quoted_ipsec->by_ports);
  CHECK(whole.quoted_ipsec->sequence == 2);
  CHECK(whole.quoted_frame == 2);
}

TEST_CASE("quotation: an error inside the tunnel, about a packet that came through the other SA") {
  const SaText forth;
  const SaText back{"192.0.2.2", "192.0.2.1", 0x2002, "tunnel", other_gcm};
  Rig rig{std::vector<SaText>{forth, back}};
  const Octets inner =
      ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp_segment("10.1.0.1", "10.2.0.1", 40000, 80, Octets(1000, 1), {7, 8}));
  rig.feed(esp_frame(forth, 1));
  rig.feed(esp_frame(forth, 2, inner));
  const Packet& packet = rig.feed(esp_frame(back, 1, error_about(inner, 28)));
  CHECK(packet.quoted_frame == 2);
  CHECK_FALSE(packet.quoted_ipsec);
  CHECK(rig.found(codes::mtu_exceeded).empty());
}

TEST_CASE("quotation: packets that were not met, of another capture, or cut too short are tied to nothing") {
  const SaText sa;
  Rig rig{std::vector<SaText>{sa}};
  const Octets met = ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp_segment("10.1.0.1", "10.2.0.1", 1, 2, {}, {7, 8}));
  const Octets other = ipv4_packet("10.1.0.1", "10.2.0.1", 6, tcp_segment("10.1.0.1", "10.2.0.1", 1, 2, {}, {9, 8}));
  rig.feed(ethernet_frame(met));
  CHECK(rig.feed(ethernet_frame(error_about(met, 28))).quoted_frame == 1);
  CHECK(rig.feed(ethernet_frame(error_about(other, 28))).quoted_frame == 0);
  CHECK(rig.feed(ethernet_frame(error_about(met, 24))).quoted_frame == 0);
  CHECK(rig.feed(ethernet_frame(error_about(met, 28)), {.file = 1}).quoted_frame == 0);
}
