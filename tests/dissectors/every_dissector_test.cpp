#include <algorithm>
#include <functional>
#include <map>

#include "support/catch.hpp"
#include "support/frames.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Seed {
  Claim claim;
  std::vector<std::uint8_t> bytes;
};

bool inside(Bytes part, Bytes whole) {
  if (part.empty()) return true;
  return std::less_equal<>{}(whole.data(), part.data()) &&
         std::less_equal<>{}(part.data() + part.size(), whole.data() + whole.size());
}

// Everything that is ever asked of a layer.
bool layer_is_sound(const Layer& layer, Bytes whole) {
  std::string text;
  if (dissector_of(layer).brief != nullptr) dissector_of(layer).brief(layer, text);
  FieldSink fields;
  if (dissector_of(layer).describe != nullptr) dissector_of(layer).describe(layer, fields);
  bool sound =
      inside(layer.header, whole) && inside(layer.payload, whole) && layer.payload_claimed >= layer.payload.size();
  for (const Field& field : fields.fields())
    sound = sound && field.where.offset + field.where.size <= layer.header.size();
  for (const char c : text) sound = sound && c >= 0x20 && c < 0x7f;
  return sound;
}

// Dissects a copy of exactly this size, so that a sanitizer sees every read past its end.
bool all_sound(const ClaimTable& claims, Packet& packet, const std::vector<std::uint8_t>& bytes, std::size_t claimed,
               Claim claim) {
  packet.reset();
  const auto buffer = packet.add_buffer(bytes, Origin::capture);
  const auto end = dissect_chain(packet, claims, buffer, bytes, claimed, claim);
  bool sound = packet.layers().empty() || end.layer + 1 == packet.layers().size();
  for (const Layer& layer : packet.layers()) sound = sound && layer_is_sound(layer, bytes);
  return sound && packet.findings().size() <= 1;
}

// All prefixes, as the packet's end and as the snap length's, and all single bit flips in the first `flipped` bytes.
bool survives(const ClaimTable& claims, const Seed& seed, std::size_t flipped) {
  Packet packet;
  bool sound = true;
  for (std::size_t size = 0; size <= std::min(seed.bytes.size(), flipped + 8); ++size) {
    const std::vector<std::uint8_t> prefix(seed.bytes.begin(), seed.bytes.begin() + static_cast<std::ptrdiff_t>(size));
    sound = sound && all_sound(claims, packet, prefix, size, seed.claim);
    sound = sound && all_sound(claims, packet, prefix, seed.bytes.size(), seed.claim);
  }
  auto bytes = seed.bytes;
  for (std::size_t bit = 0; bit < 8 * std::min(bytes.size(), flipped); ++bit) {
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    sound = sound && all_sound(claims, packet, bytes, bytes.size(), seed.claim);
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
  }
  return sound;
}

// Between them, these reach every dissector.
std::vector<Seed> hand_made() {
  const std::string esp = "c1234567 0000002a aabbccdd", none4 = ipv4_hex(59, "");
  const std::string tcp =
      "e0ea 0050 00000c8e 00000000 a002 faf0 abcd 0000 020405b4 0402 080a 00000001 00000000 01 030307";
  const std::string proposal = "0000001c 01010002 0300000c 0100000c 800e0080 00000008 02000005";
  const std::string ike =
      ike_hex(33, ike_payload_hex(34, proposal) + ike_payload_hex(41, "001f0000 aabbccdd") +
                      ike_payload_hex(46, "0000 4006 c00c1e") + ike_payload_hex(40, "00112233445566778899aabb"));
  const std::string ikev1 =
      ike_hex(1,
              ike_payload_hex(13, "00000001 00000001 00000014 01010001 0000000c 01010000 80010007") +
                  ike_payload_hex(11, "882fe56d6fd20dbc2251613b2ebe5beb") + ike_payload_hex(0, "00000001 0100000e"),
              "10 02 00");
  const std::string dns = "1234 8183 0001 0001 0000 0000 03777777 076578616d706c65 03636f6d 00 0001 0001";
  const std::string hip =
      "3205 1021 abcd 0001 20010020000000000000000000000001 20010020000000000000000000000002 0041 0004 00000000" + esp;
  const std::string macs = "020000000002 020000000001";
  const std::string bpdu = "3c 8000020000000001 00000004 8001020000000002 8003 0000 1400 0200 0f00";
  const std::string extensions = "2b00 05020000 0100 2c00 0200 00000000 3c00 0000 12345678 3200 01040000 0000";
  return {
      {as_ethernet, unhex(macs + "88a8 00c8 8100 012c 0800" + ipv4_hex(17, udp_hex(4500, 4500, esp)))},
      {as_ethernet, unhex(macs + "0806 0001 0800 06 04 0001 020000000001 0a000002 000000000000 0a000001")},
      {as_ethernet, unhex(macs + "0003 424203")},
      {as_ethernet, unhex(macs + "0026 424203 0000 02 02" + bpdu)},
      {as_ethernet, unhex(macs + "001c aaaa03 000000 0800" + none4)},
      {as_ethernet, unhex(macs + "8864 1100 0007 0016 0021" + none4)},
      {as_link(113), unhex("0004 0001 0006 020000000001 0000 86dd" + ipv6_hex(0, extensions + esp))},
      {as_link(276), unhex("0800 0000 00000007 0001 04 06 020000000001 0000" + ipv4_hex(6, tcp))},
      {as_link(0), unhex("02000000" + ipv4_hex(51, "3202 0000 00001000 00000007 aabbccdd" + esp))},
      {as_link(101), unhex(ipv4_hex(47, "b000 6558 abcd 0000 0000002a 00000007" + macs + "0800" + none4))},
      {as_link(50), unhex("0f00 0800" + ipv4_hex(47, "3081 880b 00180001 00000007 00000006 0021" + none4))},
      {as_link(9), unhex("ff03 0021" + ipv4_hex(1, "0304 0000 0000 0578" + ipv4_hex(50, esp)))},
      {as_ipv6, unhex(ipv6_hex(58, "0200 abcd 00000500" + ipv6_hex(6, tcp)))},
      {as_ipv6, unhex(ipv6_hex(58, "8700 abcd 00000000 fe800000000000000000000000000001"))},
      {as_ipv4, unhex("46000083 12344000 40110000 0a000001 0a000002 94040000" + udp_hex(500, 500, ike))},
      {as_ipv4, unhex(ipv4_hex(17, udp_hex(4500, 4500, "00000000" + ike)))},
      {as_ipv4, unhex(ipv4_hex(17, udp_hex(500, 500, ikev1)))},
      {as_ipv4, unhex(ipv4_hex(17, udp_hex(53, 4000, dns)))},
      {as_ipv4, unhex(ipv4_hex(17, udp_hex(4789, 4789, "08000000 00002a00" + macs + "0800" + none4)))},
      {as_ipv4, unhex(ipv4_hex(17, udp_hex(4000, 6081, "01 00 0800 00002a00 01020304" + none4)))},
      {as_ipv4, unhex(ipv4_hex(17, udp_hex(1701, 1701, "0a02 0007 0009 0001 0002 0001 00 0021" + none4)))},
      {as_ipv4, unhex(ipv4_hex(115, "00000000 c803 0014 0000002a 0001 0002 8008 0000 0000 0006"))},
      {as_ipv4, unhex(ipv4_hex(144, "01 03 0000 00000009 000014 0000c00007 00000008 0000000a" + none4))},
      {{Space::internal, internal_claim::tcp_message}, unhex("0069 00000000" + ike)},
      {as_ipv4, unhex(ipv4_hex(94, "6c010401 01010101 94040000 01010101 0600 0002 aabb"))},
      {as_ipv4, unhex(ipv4_hex(132, "0b59 0b5a 12345678 9abcdef0 0100"))},
      {as_ipv6, unhex(ipv6_hex(135, "8c00 0500 1234 0000 8b00 8123 456789ab" + hip))},
  };
}

}  // namespace

TEST_CASE("every dissector: is reached by a hand-made frame, without a finding") {
  std::map<std::string_view, int> reached;
  for (const Seed& seed : hand_made()) {
    const auto it = dissect_bytes(seed.bytes, seed.claim);
    CHECK(it.findings().empty());
    for (const Layer& layer : it.packet.layers()) ++reached[layer.protocol->name];
  }
  for (const Dissector* dissector : all_dissectors()) {
    INFO(dissector->name);
    CHECK(reached.count(dissector->name) == 1);
  }
}

TEST_CASE("every dissector: hand-made frames cut anywhere or with any bit flipped stay sound") {
  const ClaimTable claims;
  for (const Seed& seed : hand_made()) CHECK(survives(claims, seed, seed.bytes.size()));
}

TEST_CASE("every dissector: captured frames cut anywhere or with any bit flipped stay sound") {
  const ClaimTable claims;
  constexpr std::size_t frames_in_all = 40, flipped = 64;
  const auto files = capture_files();
  std::size_t taken = 0;
  const std::size_t file_stride = std::max<std::size_t>(1, files.size() / frames_in_all);
  for (std::size_t file = 0; file < files.size(); file += file_stride) {
    const std::string& path = files[file];
    const auto frames = frames_of(path);
    // A few frames of each file, spread over it.
    const std::size_t wanted = std::max<std::size_t>(1, frames_in_all / files.size());
    const std::size_t stride = std::max<std::size_t>(1, frames.size() / wanted);
    for (std::size_t i = 0; i < frames.size() && taken < frames_in_all; i += stride, ++taken) {
      INFO(path << " frame " << i + 1);
      CHECK(survives(claims, {as_link(frames[i].link_type), frames[i].bytes}, flipped));
    }
  }
}

TEST_CASE("every dissector: bytes of all kinds under every claim stay sound") {
  const ClaimTable claims;
  Packet packet;
  for (const Dissector* dissector : all_dissectors())
    for (const Claim claim : dissector->claims)
      for (const int fill : {0x00, 0x01, 0x45, 0x60, 0x7f, 0xff})
        for (const std::size_t size : {0U, 1U, 7U, 40U, 300U}) {
          INFO(dissector->name << " of " << size << " bytes " << fill);
          CHECK(
              all_sound(claims, packet, std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(fill)), size, claim));
        }
}
