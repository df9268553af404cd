// End to end from the text of a dump: modes, families, encapsulation, and what keys there are.
#include <espdump/decoder.hpp>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText v4{};
const SaText v6{.source = "2001:db8::1", .destination = "2001:db8::2"};

void check_opened(const Packet& packet, const Octets& inner) {
  REQUIRE(packet.ipsec().size() == 1);
  const OpenRecord& record = packet.ipsec()[0];
  CHECK(record.icv == IcvVerdict::ok);
  CHECK(record.decrypted);
  CHECK(record.sa == 1);
  REQUIRE(packet.inner().size() == 1);
  CHECK(octets(packet.buffers()[packet.inner()[0].buffer].bytes) == inner);
  CHECK(packet.findings().empty());
}

Octets udp_frame(const SaText& sa, std::uint16_t source, std::uint16_t destination, std::uint64_t sequence) {
  const Octets esp = esp_of(sa, sequence, inner_v4());
  return ethernet_frame(outer_packet(sa, 17, udp_datagram("", "", source, destination, esp)));
}

}  // namespace

TEST_CASE("decoder: tunnel mode opens either family inside either family") {
  for (const SaText& sa : {v4, v6})
    for (const std::uint8_t next_header : {std::uint8_t{4}, std::uint8_t{41}}) {
      Rig rig{{sa}};
      const Octets inner = next_header == 4 ? inner_v4() : inner_v6();
      const Packet& packet = rig.feed(esp_frame(sa, 1, inner, next_header));
      check_opened(packet, inner);
      CHECK(packet.ipsec()[0].mode == SaMode::tunnel);
      CHECK(packet.ipsec()[0].next_header == next_header);
      CHECK(packet.buffers()[packet.inner().at(0).buffer].origin == Origin::decrypted);
      CHECK(layer_names(packet) == std::string{"ethernet "} + (&sa == &v6 || sa.source == v6.source ? "ipv6" : "ipv4") +
                                       " esp " + (next_header == 4 ? "ipv4 icmp" : "ipv6 udp"));
    }
}

TEST_CASE("decoder: transport mode shows the upper layer and keeps no inner packet unless asked") {
  const Octets udp = udp_datagram("192.0.2.1", "192.0.2.2", 1000, 2000, Octets(30, 1));
  SaText sa = v4;
  sa.mode = "transport";
  Rig rig{{sa}};
  const Packet& packet = rig.feed(esp_frame(sa, 1, udp, 17));
  CHECK(layer_names(packet) == "ethernet ipv4 esp udp");
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].decrypted);
  CHECK(packet.ipsec()[0].mode == SaMode::transport);
  CHECK(packet.inner().empty());
}

TEST_CASE("decoder: asked to keep inner packets, transport mode ones are rebuilt byte for byte") {
  const Octets udp = udp_datagram("192.0.2.1", "192.0.2.2", 1000, 2000, Octets(31, 1));
  SaText sa = v4;
  sa.mode = "transport";
  const Ipv4Options options{.ttl = 61, .id = 4711, .df = true, .tos = 0x28, .options = {1, 1, 1, 0}};
  Rig rig{{sa}, {.keep_inner_packets = true}};
  const Packet& packet = rig.feed(ethernet_frame(outer_packet(sa, 50, esp_of(sa, 1, udp, 17), options)));
  check_opened(packet, outer_packet(sa, 17, udp, options));
  CHECK(packet.buffers()[packet.inner().at(0).buffer].origin == Origin::reconstructed);

  SaText six = v6;
  six.mode = "transport";
  Rig rig6{{six}, {.keep_inner_packets = true}};
  const Octets udp6 = udp_datagram("2001:db8::1", "2001:db8::2", 1000, 2000, Octets(31, 1));
  check_opened(rig6.feed(esp_frame(six, 1, udp6, 17)), outer_packet(six, 17, udp6));
}

TEST_CASE("decoder: a transport mode packet in UDP is rebuilt without UDP") {
  SaText sa = v4;
  sa.mode = "transport";
  sa.line = "encap type espinudp sport 4500 dport 4500 addr 0.0.0.0";
  const Octets udp = udp_datagram("192.0.2.1", "192.0.2.2", 1000, 2000, Octets(31, 1));
  Rig rig{{sa}, {.keep_inner_packets = true}};
  const Octets esp = esp_of(sa, 1, udp, 17);
  const Packet& packet = rig.feed(ethernet_frame(outer_packet(sa, 17, udp_datagram("", "", 4500, 4500, esp))));
  check_opened(packet, outer_packet(sa, 17, udp));
}

TEST_CASE(
    "decoder: BEET mode rebuilds the inner packet from selector and outer header, in all four mixes of families") {
  for (const bool outer6 : {false, true})
    for (const bool inner6 : {false, true}) {
      SaText sa = outer6 ? v6 : v4;
      sa.mode = "beet";
      sa.selector = inner6 ? "src fd00::1/128 dst fd00::2/128" : "src 10.9.0.1/32 dst 10.9.0.2/32";
      const Octets udp = inner6 ? udp_datagram("fd00::1", "fd00::2", 1, 2, Octets(20, 3))
                                : udp_datagram("10.9.0.1", "10.9.0.2", 1, 2, Octets(20, 3));
      Rig rig{{sa}};
      const Ipv4Options facts{.ttl = 33, .id = 99, .df = false};
      const Packet& packet = rig.feed(ethernet_frame(outer_packet(sa, 50, esp_of(sa, 1, udp, 17), facts)));
      const Octets inner = inner6 ? ipv6_packet("fd00::1", "fd00::2", 17, udp, {.hop_limit = 33})
                                  : ipv4_packet("10.9.0.1", "10.9.0.2", 17, udp,
                                                outer6 ? Ipv4Options{.ttl = 33, .id = 0, .df = true} : facts);
      check_opened(packet, inner);
      CHECK(packet.ipsec()[0].mode == SaMode::beet);
      CHECK(packet.buffers()[packet.inner().at(0).buffer].origin == Origin::reconstructed);
    }
}

TEST_CASE("decoder: a BEET packet that cannot be rebuilt is authentic but not decrypted") {
  SaText sa = v4;
  sa.mode = "beet";
  Rig rig{{sa}};
  const Packet& packet = rig.feed(esp_frame(sa, 1, Octets(24, 3), 17));
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].icv == IcvVerdict::ok);
  CHECK_FALSE(packet.ipsec()[0].decrypted);
  REQUIRE(rig.found(codes::esp_malformed).size() == 1);
  CHECK(rig.found(codes::esp_malformed)[0].message.find("no address family") != std::string::npos);
  CHECK(rig.sa(0).decrypted == 0);
  CHECK(rig.sa(0).icv_ok == 1);
}

TEST_CASE("decoder: ESP in UDP is opened on port 4500 and on a port that only the SA names") {
  SaText sa = v4;
  Rig on_4500{{sa}};
  const Packet& usual = on_4500.feed(udp_frame(sa, 61'000, 4500, 1));
  check_opened(usual, inner_v4());
  CHECK(usual.ipsec()[0].encapsulation == Encapsulation::udp);
  CHECK(on_4500.sa(0).encapsulation == Encapsulation::udp);

  Rig unnamed{{sa}};
  CHECK(unnamed.feed(udp_frame(sa, 61'000, 5555, 1)).ipsec().empty());
  sa.line = "encap type espinudp sport 4500 dport 5555 addr 0.0.0.0";
  Rig named{{sa}};
  check_opened(named.feed(udp_frame(sa, 61'000, 5555, 1)), inner_v4());
}

TEST_CASE("decoder: keepalives and IKE on port 4500 are no ESP") {
  Rig rig{{v4}};
  const auto in_udp = [](const Octets& payload) {
    return ethernet_frame(outer_packet(v4, 17, udp_datagram("", "", 4500, 4500, payload)));
  };
  CHECK(rig.feed(in_udp({0xff})).ipsec().empty());
  Octets ike(32);
  CHECK(rig.feed(in_udp(ike)).ipsec().empty());
  CHECK(rig.decoder().statistics().empty());
}

TEST_CASE("decoder: each suite opens what was sealed independently") {
  const std::string chacha =
      "aead rfc7539esp(chacha20,poly1305) 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223 "
      "128";
  const std::string null_sha1 =
      "enc ecb(cipher_null) / auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96";
  for (const std::string& algorithms : {gcm, chacha, cbc_sha256, null_sha1})
    for (const bool esn : {false, true}) {
      const SaText sa{.algorithms = algorithms, .esn = esn};
      CAPTURE(algorithms, esn);
      Rig rig{{sa}};
      check_opened(rig.feed(esp_frame(sa, 1)), inner_v4());
    }
}

TEST_CASE("decoder: an SA without integrity opens what makes sense, and says that nothing was checked") {
  const SaText sa{.algorithms = cbc_alone};
  Rig rig{{sa}};
  const Packet& packet = rig.feed(esp_frame(sa, 1));
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].icv == IcvVerdict::none);
  CHECK(packet.ipsec()[0].unchecked == Unchecked::no);
  CHECK(packet.ipsec()[0].decrypted);
  CHECK(layer_names(packet) == "ethernet ipv4 esp ipv4 icmp");
  SaText wrong = sa;
  wrong.algorithms.back() = '0';
  const Packet& nonsense = rig.feed(esp_frame(wrong, 2));
  CHECK_FALSE(nonsense.ipsec()[0].decrypted);
  CHECK(nonsense.ipsec()[0].icv == IcvVerdict::none);
  CHECK(rig.found(codes::esp_malformed).size() == 1);
  CHECK(rig.sa(0).unauthenticated == 2);
  CHECK(rig.sa(0).icv_ok == 0);
}

TEST_CASE("decoder: an SA with hidden keys is known, counted and not opened") {
  SaText hidden = v4;
  hidden.algorithms = "aead rfc4106(gcm(aes)) <<Keys hidden>> 128";
  Rig rig{{hidden}};
  for (const std::uint64_t n : {1, 2, 4}) {
    const Packet& packet = rig.feed(esp_frame(v4, n));
    REQUIRE(packet.ipsec().size() == 1);
    CHECK(packet.ipsec()[0].icv == IcvVerdict::unchecked);
    CHECK(packet.ipsec()[0].unchecked == Unchecked::no_key);
    CHECK(packet.ipsec()[0].sa == 1);
    CHECK_FALSE(packet.ipsec()[0].decrypted);
  }
  const SaStatistics sa = rig.sa(0);
  CHECK(sa.association != nullptr);
  CHECK_FALSE(sa.key_error.empty());
  CHECK(sa.packets == 3);
  CHECK(sa.lost == 1);
  CHECK(sa.icv_bad == 0);
}

TEST_CASE("decoder: verifying only gives verdicts and numbers but no plaintext") {
  for (const std::string& algorithms : {gcm, cbc_sha256}) {
    const SaText sa{.algorithms = algorithms};
    Rig rig{{sa}, {.verify_only = true}};
    const Packet& packet = rig.feed(esp_frame(sa, 1));
    CHECK(packet.ipsec().at(0).icv == IcvVerdict::ok);
    CHECK_FALSE(packet.ipsec()[0].decrypted);
    CHECK_FALSE(packet.ipsec()[0].next_header);
    CHECK(packet.buffers().size() == 1);
    CHECK(layer_names(packet) == "ethernet ipv4 esp");
    CHECK(rig.feed(forged(esp_frame(sa, 2))).ipsec().at(0).icv == IcvVerdict::bad);
    CHECK(rig.feed(esp_frame(sa, 1)).ipsec().at(0).replay == ReplayVerdict::duplicate);
    CHECK(rig.sa(0).decrypted == 0);
  }
}
