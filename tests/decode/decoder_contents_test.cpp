// What an opened packet holds: padding, dummies, nesting, fragments, and what ICMP errors quote.
#include <espdump/decoder.hpp>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText plain{};
const SaText v6{.source = "2001:db8::1", .destination = "2001:db8::2"};

// With a trailer (padding, pad length, next header) that no sender should make.
Octets with_trailer(const SaText& sa, const Octets& payload, const Octets& trailer) {
  Seal seal = seal_of(sa);
  seal.trailer = trailer;
  return ethernet_frame(outer_packet(sa, 50, seal_esp(seal, sa.spi, 1, 0, payload)));
}

Octets slice(const Octets& bytes, std::size_t from, std::size_t to) {
  return {bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.begin() + static_cast<std::ptrdiff_t>(to)};
}

Octets v6_fragment(const Octets& payload, std::size_t offset, bool more, std::uint8_t next_header) {
  Octets out{next_header,
             0,
             static_cast<std::uint8_t>(offset >> 8),
             static_cast<std::uint8_t>((offset & 0xf8) | (more ? 1U : 0U)),
             0,
             0,
             0,
             42};
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

}  // namespace

TEST_CASE("decoder: bytes behind the inner packet's own length are not part of it") {
  for (const bool six : {false, true}) {
    Seal seal = seal_of(plain);
    seal.tfc = Octets(122, 0);
    const Octets inner = six ? inner_v6() : inner_v4();
    const std::uint8_t next_header = six ? 41 : 4;
    Rig rig{{plain}};
    const Packet& packet =
        rig.feed(ethernet_frame(outer_packet(plain, 50, seal_esp(seal, plain.spi, 1, next_header, inner))));
    REQUIRE(packet.inner().size() == 1);
    CHECK(octets(packet.buffers()[packet.inner().at(0).buffer].bytes) == inner);
    CHECK(packet.findings().empty());
  }
}

TEST_CASE("decoder: a dummy packet is opened, shows nothing, and is a number like any other") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}}) {
    Rig rig{{plain}};
    const Packet& packet = rig.feed(esp_frame(plain, 1, Octets(size, 9), 59));
    CHECK(packet.ipsec().at(0).decrypted);
    CHECK(packet.ipsec()[0].next_header == 59);
    CHECK(layer_names(packet) == "ethernet ipv4 esp");
    CHECK(packet.findings().empty());
    CHECK(rig.sa(0).icv_ok == 1);
    rig.feed(esp_frame(plain, 1, Octets(size, 9), 59));
    CHECK(rig.sa(0).replayed == 1);
    CHECK(rig.sa(0).kernel.replay == 0);
  }
}

TEST_CASE("decoder: an authentic packet without payload is malformed unless it is a dummy") {
  Rig rig{{plain}};
  const Packet& packet = rig.feed(esp_frame(plain, 1, {}, 4));
  CHECK(packet.ipsec().at(0).icv == IcvVerdict::ok);
  CHECK_FALSE(packet.ipsec()[0].decrypted);
  CHECK(rig.found(codes::esp_malformed).size() == 1);
}

TEST_CASE("decoder: more padding than needed is no fault") {
  Seal seal = seal_of(plain);
  seal.more_padding = 200;
  Rig rig{{plain}};
  const Packet& packet = rig.feed(ethernet_frame(outer_packet(plain, 50, seal_esp(seal, plain.spi, 1, 4, inner_v4()))));
  CHECK(packet.ipsec().at(0).decrypted);
  CHECK(packet.ipsec()[0].pad_length >= 200);
  CHECK(packet.findings().empty());
}

TEST_CASE("decoder: a pad length longer than the body is malformed and yields nothing") {
  const SaText cbc{.algorithms = cbc_sha256};
  for (const SaText& sa : {plain, cbc}) {
    Rig rig{{sa}};
    const Packet& fits = rig.feed(with_trailer(sa, Octets(14, 7), {14, 4}));
    CHECK_FALSE(fits.ipsec().at(0).decrypted);  // but leaves nothing
    CHECK(fits.ipsec()[0].pad_length == 14);
    Rig longer{{sa}};
    const Packet& packet = longer.feed(with_trailer(sa, Octets(14, 7), {15, 4}));
    CHECK(packet.ipsec().at(0).icv == IcvVerdict::ok);
    CHECK_FALSE(packet.ipsec()[0].decrypted);
    CHECK_FALSE(packet.ipsec()[0].next_header);
    const bool aead =
        sa.algorithms == plain.algorithms;  // under a separate ICV it is rather the cipher's key that is wrong
    const Findings found = longer.found(aead ? codes::esp_malformed : codes::key_wrong_encryption);
    REQUIRE(found.size() == 1);
    CHECK(found[0].message.find(aead ? "no possible trailer" : "yields is no packet") != std::string::npos);
  }
}

TEST_CASE("decoder: padding other than 1, 2, 3 is a finding, but no reason to hide an inner packet") {
  Rig rig{{plain}};
  const Packet& packet = rig.feed(with_trailer(plain, inner_v4(1, 42), {0, 0, 0, 0, 4, 4}));
  CHECK(packet.ipsec().at(0).decrypted);
  CHECK(packet.ipsec()[0].pad_length == 4);
  REQUIRE(rig.found(codes::esp_malformed).size() == 1);
  CHECK(rig.found(codes::esp_malformed)[0].message.find("padding is not 1, 2, 3") != std::string::npos);
}

TEST_CASE("decoder: what an AEAD verified is authentic plaintext, whatever its padding") {
  SaText sa = plain;
  sa.mode = "transport";
  Rig rig{{sa}};
  const Packet& packet = rig.feed(with_trailer(sa, udp_datagram("", "", 1, 2, Octets(18, 1)), {0, 0, 0, 0, 4, 17}));
  CHECK(packet.ipsec().at(0).decrypted);
  CHECK(layer_names(packet) == "ethernet ipv4 esp udp");
  CHECK(rig.found(codes::esp_malformed).size() == 1);
}

TEST_CASE("decoder: under a separate ICV nonsense behind a wrong cipher key is not shown") {
  SaText sent{.algorithms = cbc_sha256}, loaded = sent;
  loaded.algorithms.replace(loaded.algorithms.find("0xc4"), 4, "0x90");
  Rig rig{{loaded}};
  for (std::uint64_t n = 1; n <= 8; ++n) {
    const Packet& packet = rig.feed(esp_frame(sent, n));
    CHECK(packet.ipsec().at(0).icv == IcvVerdict::ok);
    CHECK_FALSE(packet.ipsec()[0].decrypted);
    CHECK(packet.layers().size() == 3);
  }
  rig.finish();
  CHECK(rig.sa(0).decrypted == 0);
  CHECK(rig.sa(0).icv_ok == 8);
  CHECK(rig.found(codes::icv_bad).empty());
  CHECK(rig.found(codes::esp_malformed).empty());
  REQUIRE(rig.found(codes::key_wrong_encryption).size() == 1);
  REQUIRE(rig.concluded(codes::key_wrong_encryption).size() == 1);
  CHECK(rig.concluded(codes::key_wrong_encryption)[0].what == "8 packets, frames 1-8");
}

TEST_CASE("decoder: a NULL cipher standing in for a withheld key never passes noise off as a packet") {
  const SaText sent{.algorithms = cbc_sha256};
  SaText loaded = sent;
  loaded.algorithms = "enc ecb(cipher_null) / " + cbc_sha256.substr(cbc_sha256.find("auth-trunc"));
  Rig rig{{loaded}};
  for (std::uint64_t n = 1; n <= 3000; ++n) rig.feed(esp_frame(sent, n));
  CHECK(rig.sa(0).icv_ok == 3000);
  CHECK(rig.sa(0).decrypted == 0);
}

TEST_CASE("decoder: nonsense from an SA whose cipher has proved right is the sender's") {
  const SaText sa{.algorithms = cbc_sha256};
  Rig rig{{sa}};
  rig.feed(esp_frame(sa, 1));
  rig.feed(with_trailer(sa, Octets(14, 7), {200, 4}));
  rig.finish();
  CHECK(rig.found(codes::key_wrong_encryption).empty());
  CHECK(rig.found(codes::esp_malformed).size() == 1);
}

TEST_CASE("decoder: ESP inside ESP is opened layer by layer") {
  const SaText inner{.source = "10.1.0.1", .destination = "10.1.0.2", .spi = 0x2002, .algorithms = cbc_sha256};
  Rig rig{{plain, inner}};
  const Octets innermost = inner_v4();
  const Packet& packet = rig.feed(esp_frame(plain, 1, outer_packet(inner, 50, esp_of(inner, 1, innermost))));
  REQUIRE(packet.ipsec().size() == 2);
  CHECK(packet.ipsec()[0].spi == 0x1001);
  CHECK(packet.ipsec()[1].spi == 0x2002);
  CHECK(packet.ipsec()[1].decrypted);
  CHECK(packet.ipsec()[1].source.to_string() == "10.1.0.1");
  CHECK(layer_names(packet) == "ethernet ipv4 esp ipv4 esp ipv4 icmp");
  CHECK(octets(packet.buffers()[packet.inner().at(1).buffer].bytes) == innermost);
}

TEST_CASE("decoder: more than eight layers of ESP end quietly") {
  SaText sa = plain;
  sa.mode = "transport";
  Octets esp = esp_of(sa, 1, udp_datagram("", "", 1, 2, Octets(8, 1)), 17);
  for (std::uint64_t n = 2; n <= 12; ++n) esp = esp_of(sa, n, esp, 50);
  Rig rig{{sa}};
  const Packet& packet = rig.feed(ethernet_frame(outer_packet(sa, 50, esp)));
  CHECK(packet.ipsec().size() == 8);
  CHECK(packet.findings().empty());
  CHECK(packet.layers().size() == 2 + 9);
}

TEST_CASE("decoder: fragments of the outer IPv4 packet are joined before ESP is opened") {
  const Octets inner = inner_v4(1, 200), esp = esp_of(plain, 1, inner);
  Rig rig{{plain}};
  const auto piece = [&](std::size_t from, std::size_t to) {
    return ethernet_frame(outer_packet(plain, 50, slice(esp, from, to),
                                       {.id = 5, .mf = to != esp.size(), .offset = static_cast<std::uint16_t>(from)}));
  };
  CHECK(rig.feed(piece(160, esp.size())).ipsec().empty());
  CHECK(rig.feed(piece(0, 80)).ipsec().empty());
  const Packet& packet = rig.feed(piece(80, 160));
  CHECK(packet.ipsec().at(0).decrypted);
  CHECK(packet.reassembled);
  CHECK(octets(packet.buffers()[packet.inner().at(0).buffer].bytes) == inner);
  CHECK(rig.decoder().reassembly().datagrams.count() == 0);
}

TEST_CASE("decoder: fragments of the outer IPv6 packet are joined before ESP is opened") {
  const Octets inner = inner_v6(1, 200), esp = esp_of(v6, 1, inner, 41);
  Rig rig{{v6}};
  CHECK(rig.feed(ethernet_frame(outer_packet(v6, 44, v6_fragment(slice(esp, 0, 120), 0, true, 50)))).ipsec().empty());
  CHECK(rig.decoder().reassembly().datagrams.count() == 1);
  const Packet& packet =
      rig.feed(ethernet_frame(outer_packet(v6, 44, v6_fragment(slice(esp, 120, esp.size()), 120, false, 50))));
  CHECK(packet.ipsec().at(0).decrypted);
  CHECK(octets(packet.buffers()[packet.inner().at(0).buffer].bytes) == inner);
}

TEST_CASE("decoder: inner fragments are joined, apart from outer ones of the same ID") {
  const Octets whole = icmp_echo(1, 1, Octets(56, 5));
  const auto inner = [&](std::size_t from, std::size_t to) {
    return ipv4_packet("192.0.2.1", "192.0.2.2", 1, slice(whole, from, to),
                       {.id = 5, .mf = to != whole.size(), .offset = static_cast<std::uint16_t>(from)});
  };
  Rig rig{{plain}};
  rig.feed(ethernet_frame(inner(0, 32)));
  CHECK_FALSE(rig.feed(esp_frame(plain, 1, inner(32, 64))).reassembled);
  const Packet& packet = rig.feed(esp_frame(plain, 2, inner(0, 32)));
  CHECK(packet.reassembled);
  CHECK(layer_names(packet).find("icmp") != std::string::npos);
  CHECK(packet.ipsec().at(0).decrypted);
}

TEST_CASE("decoder: an ICMP error names the SA whose packet it quotes") {
  Rig rig{{plain}};
  const Octets quoted = outer_packet(plain, 50, esp_of(plain, 7, inner_v4()));
  Octets error{3, 4, 0, 0, 0, 0, 0x05, 0x14};
  error.insert(error.end(), quoted.begin(), quoted.begin() + 28);
  const Octets frame = ethernet_frame(ipv4_packet("198.51.100.1", "192.0.2.1", 1, error));
  const Packet& early = rig.feed(frame);
  REQUIRE(early.quoted_ipsec);
  CHECK(early.quoted_ipsec->sa == 0);
  CHECK(early.ipsec().empty());
  rig.feed(ethernet_frame(quoted));
  const Packet& packet = rig.feed(frame);
  REQUIRE(packet.quoted_ipsec);
  CHECK(packet.quoted_ipsec->spi == 0x1001);
  CHECK(packet.quoted_ipsec->sequence == 7);
  CHECK(packet.quoted_ipsec->sa == 1);
  CHECK(rig.sa(0).packets == 1);
}

TEST_CASE("decoder: an ICMP error names the SA even where no packet of it verified") {
  SaText hidden = plain;
  hidden.algorithms = "aead rfc4106(gcm(aes)) <<Keys hidden>> 128";
  const Octets quoted = outer_packet(plain, 50, esp_of(plain, 7, inner_v4()));
  Octets error{3, 4, 0, 0, 0, 0, 0x05, 0x14};
  error.insert(error.end(), quoted.begin(), quoted.begin() + 28);
  for (const SaText& sa : {hidden, SaText{.spi = 9}}) {
    Rig rig{{sa}};
    rig.feed(ethernet_frame(quoted));
    const Packet& packet = rig.feed(ethernet_frame(ipv4_packet("198.51.100.1", "192.0.2.1", 1, error)));
    REQUIRE(packet.quoted_ipsec);
    CHECK(packet.quoted_ipsec->sa == 1);
  }
}
