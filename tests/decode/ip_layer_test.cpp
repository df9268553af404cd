#include "decode/ip_layer.hpp"

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::size_t index_of(const Packet& packet, std::string_view name) {
  for (std::size_t i = 0; i < packet.layers().size(); ++i)
    if (packet.layers()[i].protocol->name == name) return i;
  FAIL("no layer " << name);
  return 0;
}

const Octets esp_bytes{0, 0, 1, 1, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8};

}  // namespace

TEST_CASE("ip layer: IPv4 around ESP gives addresses, facts and the place of its protocol") {
  const Dissected in = dissect_bytes(ipv4_packet("192.0.2.1", "192.0.2.2", 50, esp_bytes,
                                                 {.ttl = 7, .id = 77, .df = true, .tos = 9, .options = {1, 1, 1, 1}}),
                                     as_ipv4);
  const auto ip = find_ip_layer(in.packet, index_of(in.packet, "esp"));
  REQUIRE(ip);
  CHECK(ip->index == 0);
  CHECK(ip->source.to_string() == "192.0.2.1");
  CHECK(ip->destination.to_string() == "192.0.2.2");
  CHECK(ip->facts.v4);
  CHECK(ip->facts.ttl == 7);
  CHECK(ip->facts.tos == 9);
  CHECK(ip->facts.id == 77);
  CHECK(ip->facts.flags_and_offset == 0x4000);
  CHECK(ip->headers.size() == 24);
  CHECK(ip->next_header_offset == 9);
}

TEST_CASE("ip layer: the headers of IPv6 reach over its extensions to the byte that names ESP") {
  Octets payload{50, 0, 1, 4, 0, 0, 0, 0};  // destination options, PadN
  payload.insert(payload.end(), esp_bytes.begin(), esp_bytes.end());
  const Ipv6Options options{.hop_limit = 8, .traffic_class = 0xb8, .flow_label = 0x54321};
  const Dissected with = dissect_bytes(ipv6_packet("2001:db8::1", "2001:db8::2", 60, payload, options), as_ipv6);
  const auto ip = find_ip_layer(with.packet, index_of(with.packet, "esp"));
  REQUIRE(ip);
  CHECK(ip->headers.size() == 48);
  CHECK(ip->next_header_offset == 40);
  CHECK_FALSE(ip->facts.v4);
  CHECK(ip->facts.ttl == 8);
  CHECK(ip->facts.tos == 0xb8);
  CHECK(ip->facts.flow_label == 0x54321);
  const Dissected without = dissect_bytes(ipv6_packet("2001:db8::1", "2001:db8::2", 50, esp_bytes), as_ipv6);
  const auto plain = find_ip_layer(without.packet, index_of(without.packet, "esp"));
  REQUIRE(plain);
  CHECK(plain->headers.size() == 40);
  CHECK(plain->next_header_offset == 6);
}

TEST_CASE("ip layer: of two IP headers the inner one is found, and none where there is none") {
  const Octets inner = ipv4_packet("10.0.0.1", "10.0.0.2", 50, esp_bytes, {.ttl = 3});
  const Dissected in = dissect_bytes(ipv4_packet("192.0.2.1", "192.0.2.2", 4, inner), as_ipv4);
  const auto ip = find_ip_layer(in.packet, index_of(in.packet, "esp"));
  REQUIRE(ip);
  CHECK(ip->index == 1);
  CHECK(ip->source.to_string() == "10.0.0.1");
  CHECK(octets(ip->headers) == Octets(inner.begin(), inner.begin() + 20));
  const Dissected bare = dissect_bytes(esp_bytes, as_protocol(50));
  CHECK_FALSE(find_ip_layer(bare.packet, 0));
}

TEST_CASE("ip layer: a whole layer is its header and payload, without what follows its length") {
  Octets frame = ethernet_frame(ipv4_packet("192.0.2.1", "192.0.2.2", 50, esp_bytes));
  frame.resize(frame.size() + 9, 0xee);
  const Dissected in = dissect_bytes(frame, as_ethernet);
  CHECK(octets(whole_layer(in.packet, in.packet.layers()[index_of(in.packet, "esp")])) == esp_bytes);
}

TEST_CASE("ip layer: fragments of both families have key and piece, other layers none") {
  const Octets piece(16, 5);
  const Dissected v4 =
      dissect_bytes(ipv4_packet("192.0.2.1", "192.0.2.2", 50, piece, {.id = 77, .mf = true, .offset = 64}), as_ipv4);
  const auto ip4 = find_ip_layer(v4.packet, 0);
  REQUIRE(ip4);
  const auto first = fragment_of(v4.packet, 0, *ip4, 3);
  REQUIRE(first);
  CHECK(first->key.id == 77);
  CHECK(first->key.protocol == 50);
  CHECK(first->key.scope == 3);
  CHECK(first->piece.offset == 64);
  CHECK(first->piece.more);
  CHECK_FALSE(first->piece.cut);
  CHECK(octets(first->piece.payload) == piece);

  Octets payload{50, 0, 0, 64, 0, 1, 0, 2};
  payload.insert(payload.end(), piece.begin(), piece.end());
  const Octets whole = ipv6_packet("2001:db8::1", "2001:db8::2", 44, payload);
  const Dissected v6 = dissect_bytes(Octets(whole.begin(), whole.end() - 3), as_ipv6, whole.size());
  const std::size_t layer = index_of(v6.packet, "ipv6_fragment");
  const auto ip6 = find_ip_layer(v6.packet, layer);
  REQUIRE(ip6);
  const auto last = fragment_of(v6.packet, layer, *ip6, 0);
  REQUIRE(last);
  CHECK(last->key.id == 0x10002);
  CHECK(last->key.protocol == 0);
  CHECK(last->piece.offset == 64);
  CHECK_FALSE(last->piece.more);
  CHECK(last->piece.cut);
  CHECK(last->piece.next_header == 50);
  CHECK(last->piece.header.size() == 40);
  CHECK_FALSE(fragment_of(v6.packet, index_of(v6.packet, "ipv6"), *ip6, 0));
}

TEST_CASE("ip layer: a sighting differs in link where the link header, the interface or the length differs") {
  const auto sighted = [](std::uint8_t last_of_mac, std::uint32_t interface, std::size_t length) {
    Octets frame = ethernet_frame(ipv4_packet("192.0.2.1", "192.0.2.2", 50, esp_bytes, {.ttl = 9, .id = 5}));
    frame[5] = last_of_mac;
    Dissected in = dissect_bytes(frame, as_ethernet);
    in.packet.interface = interface;
    in.packet.frame = 12;
    const std::size_t layer = index_of(in.packet, "esp");
    const auto ip = find_ip_layer(in.packet, layer);
    REQUIRE(ip);
    return sighting_of(in.packet, *ip, whole_layer(in.packet, in.packet.layers()[layer]), length, 9);
  };
  const Sighting one = sighted(2, 0, 16);
  CHECK(one.frame == 12);
  CHECK(one.ttl == 9);
  CHECK(one.ip_id == 5);
  CHECK(one.sequence == 9);
  CHECK_FALSE(one.any_device);
  CHECK(sighted(2, 0, 16).link == one.link);
  CHECK(sighted(2, 0, 16).digest == one.digest);
  CHECK(sighted(3, 0, 16).link != one.link);
  CHECK(sighted(2, 1, 16).link != one.link);
  CHECK(sighted(2, 0, 17).link != one.link);
}
