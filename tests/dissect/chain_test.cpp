#include <espdump/wire/esp.hpp>
#include <espdump/wire/ipv4.hpp>

#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("chain: layers nest, each one's payload is what follows it") {
  const auto it = dissect_hex(
      "020000000002 020000000001 0800" + ipv4_hex(17, udp_hex(4500, 4500, "c1234567 00000001 aa")), as_ethernet);
  CHECK(it.names() == "ethernet ipv4 udp udpencap esp");
  CHECK(it.end.kind == Step::Kind::sealed);
  CHECK(it.end.layer == 4);
  CHECK_FALSE(it.end.shortfall);
  for (std::size_t i = 0; i + 1 < it.packet.layers().size(); ++i) {
    const Layer &outer = it.packet.layers()[i], &inner = it.packet.layers()[i + 1];
    CHECK(outer.payload.size() >= inner.header.size() + inner.payload.size());
    CHECK(outer.payload.data() == inner.header.data());
  }
}

TEST_CASE("chain: a claim that nobody has ends before it begins") {
  const auto it = dissect_hex("0102", as_link(9999));
  CHECK(it.names().empty());
  CHECK(it.findings().empty());
  CHECK_FALSE(it.end.shortfall);
}

TEST_CASE("chain: what a dissector declines is read by the second choice, or nobody") {
  const std::string dns = "1234 8183 0001 0000 0000 0000 0377777700 0001 0001";
  CHECK(dissect_hex(udp_hex(53, 4789, dns), as_protocol(17)).names() == "udp dns");
  const auto it = dissect_hex(udp_hex(4789, 8472, dns), as_protocol(17));
  CHECK(it.names() == "udp");
  CHECK(it.end.kind == Step::Kind::end);
  CHECK(it.end.layer == 0);
}

TEST_CASE("chain: a header cut by the snap length is told as such, with its place") {
  const auto whole = unhex("020000000002 020000000001 0800" + ipv4_hex(50, "00001000 00000001"));
  const auto it = dissect_bytes({whole.begin(), whole.begin() + 30}, as_ethernet, whole.size());
  CHECK(it.names() == "ethernet");
  CHECK(it.end.shortfall);
  CHECK(it.findings() == "capture.truncated: IPv4: 20 bytes needed at byte 14, 16 captured");
}

TEST_CASE("chain: at most 64 layers are read") {
  std::string tags;
  for (int i = 0; i < 100; ++i) tags += "0001 8100";
  const auto it = dissect_hex(tags, {Space::ether_type, 0x8100});
  CHECK(it.packet.layers().size() == 64);
  CHECK(it.end.layer == 63);
}

TEST_CASE("chain: a second chain appends to the same packet, in its own buffer") {
  auto it = dissect_hex("00001000 00000001", as_protocol(50));
  const auto inner = unhex(ipv4_hex(253, ""));
  const auto buffer = it.packet.add_buffer(inner, Origin::decrypted);
  const auto end = dissect_chain(it.packet, ClaimTable{}, buffer, inner, inner.size(), as_ipv4);
  CHECK(it.names() == "esp ipv4");
  CHECK(end.layer == 1);
  CHECK(it.layer("ipv4").buffer == 1);
}

TEST_CASE("chain: a quotation makes no findings, and nothing in it is sealed or partial") {
  for (const auto& hex : {ipv4_hex(50, "c1234567 00000001"), ipv4_hex(50, "00000000 00000001"), ipv4_hex(50, "c123"),
                          std::string{"4500ffff 00002000 40320000 0a000001 0a000002"}, std::string{"45"}}) {
    const auto bytes = unhex(hex);
    Packet packet;
    packet.add_buffer(bytes, Origin::capture);
    const auto end = dissect_chain(packet, ClaimTable{}, 0, bytes, bytes.size(), as_ipv4, no_layer, true);
    CHECK(end.kind == Step::Kind::end);
    CHECK(packet.findings().empty());
    for (const Layer& layer : packet.layers()) CHECK(layer.quoted);
  }
}

TEST_CASE("chain: find passes quotations over") {
  const auto it = dissect_hex(ipv4_hex(1, "0304 0000 0000 0578" + ipv4_hex(50, "c1234567 00000001")), as_ipv4);
  CHECK(it.names() == "ipv4 icmp \"ipv4 \"esp");
  CHECK_FALSE(it.packet.find<wire::Esp>());
  CHECK(it.packet.find<wire::Ipv4>()->protocol_number() == 1);
}
