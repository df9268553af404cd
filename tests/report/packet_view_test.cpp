#include "report/packet_view.hpp"

#include <deque>
#include <string>

#include "support/catch.hpp"
#include "support/deflate.hpp"
#include "support/layers.hpp"
#include "support/reporting.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// Decodes the last of the frames; the packet lives as long as this does.
struct Decoded {
  Decoded(std::string_view keys, std::vector<Octets> given, DecoderOptions options = {}) : frames(std::move(given)) {
    if (!keys.empty()) REQUIRE(keystore.import_text("xfrm.txt", bytes_of(keys)));
    keystore.seal();
    Decoder decoder{keystore, options};
    for (const Octets& frame : frames) {
      const auto number = static_cast<FrameNumber>(&frame - frames.data()) + 1;
      const auto time = static_cast<std::int64_t>(number) * 1'000'000;
      decoder.decode({number, 0, 0, Timestamp{time}, 1, frame, frame.size()}, packet);
    }
  }
  std::vector<Octets> frames;
  Keystore keystore;
  Packet packet;
};

std::string spell(const std::optional<Endpoints>& pair) {
  if (!pair) return "none";
  std::string out = pair->source.to_string() + " > " + pair->destination.to_string() + " " + pair->protocol;
  if (pair->source_port)
    out += " " + std::to_string(*pair->source_port) + ">" + std::to_string(pair->destination_port.value_or(0));
  return out + " " + std::to_string(pair->length);
}

std::string transport_state() {
  StateRecord record;
  record.mode = "transport";
  return state_text(record);
}

}  // namespace

TEST_CASE("view: a frame without IP has no endpoints") {
  const Decoded it{"", {ethernet_frame(0x88b5, {1, 2, 3})}};
  CHECK(spell(outer_endpoints(it.packet)) == "none");
  CHECK(spell(inner_endpoints(it.packet)) == "none");
  CHECK(brief_of(it.packet).find("0x88b5") != std::string::npos);
}

TEST_CASE("view: a plain packet is outside and has no inside") {
  const Octets udp = udp_datagram("10.0.0.1", "10.0.0.2", 1, 2, Octets(4));
  const Decoded it{"", {ethernet_frame(ipv4_packet("10.0.0.1", "10.0.0.2", 17, udp))}};
  CHECK(spell(outer_endpoints(it.packet)) == "10.0.0.1 > 10.0.0.2 udp 1>2 32");
  CHECK(spell(inner_endpoints(it.packet)) == "none");
}

TEST_CASE("view: a tunnel has both; the length is that of the packet, not of the padded frame") {
  const Octets tcp = tcp_segment("192.168.1.1", "192.168.1.2", 5000, 80, {});
  const Decoded it{state_text({}), {sealed_frame(1, ipv4_packet("192.168.1.1", "192.168.1.2", 6, tcp))}};
  CHECK(spell(outer_endpoints(it.packet)) == "10.9.1.1 > 10.9.1.2 esp 96");
  CHECK(spell(inner_endpoints(it.packet)) == "192.168.1.1 > 192.168.1.2 tcp 5000>80 40");
  CHECK(brief_of(it.packet).rfind("TCP [P.]", 0) == 0);
}

TEST_CASE("view: what could not be opened has no inside") {
  CHECK(spell(inner_endpoints(Decoded{state_text({}), {spoiled(sealed_frame(1, inner_ping(1)))}}.packet)) == "none");
  CHECK(spell(inner_endpoints(Decoded{"", {sealed_frame(1, inner_ping(1))}}.packet)) == "none");
}

TEST_CASE("view: transport mode speaks between the addresses outside") {
  const Octets udp = udp_datagram("10.9.1.1", "10.9.1.2", 7, 8, Octets(10));
  for (const bool whole : {false, true}) {
    const Decoded it{transport_state(), {sealed_frame(1, udp, 0x1001, 17)}, {false, whole}};
    CHECK(spell(inner_endpoints(it.packet)) == "10.9.1.1 > 10.9.1.2 udp 7>8 38");
  }
}

TEST_CASE("view: transport mode with a payload no dissector knows still has protocol and addresses") {
  const Decoded it{transport_state(), {sealed_frame(1, Octets(12), 0x1001, 253)}};
  CHECK(spell(inner_endpoints(it.packet)).rfind("10.9.1.1 > 10.9.1.2 253 ", 0) == 0);
  CHECK(inner_endpoints(it.packet)->title == "protocol 253");
  const Decoded ospf{transport_state(), {sealed_frame(1, Octets(12), 0x1001, 89)}};
  CHECK(inner_endpoints(ospf.packet)->protocol == "89");
  CHECK(inner_endpoints(ospf.packet)->title == "OSPF");
}

TEST_CASE("view: a dummy packet carries nothing") {
  const Decoded it{state_text({}), {sealed_frame(1, Octets(40), 0x1001, 59)}};
  CHECK(spell(inner_endpoints(it.packet)) == "none");
}

TEST_CASE("view: IPv6 inside IPv4, behind extension headers") {
  const Octets udp = udp_datagram("fd00::1", "fd00::2", 9, 10, Octets(2));
  Octets options{17, 0, 1, 4, 0, 0, 0, 0};
  options.insert(options.end(), udp.begin(), udp.end());
  const Decoded it{state_text({}), {sealed_frame(1, ipv6_packet("fd00::1", "fd00::2", 60, options), 0x1001, 41)}};
  CHECK(spell(inner_endpoints(it.packet)) == "fd00::1 > fd00::2 udp 9>10 58");
}

TEST_CASE("view: of inner fragments the joined packet counts") {
  const Octets udp = udp_datagram("192.168.1.1", "192.168.1.2", 9, 10, Octets(100));
  Ipv4Options first, second;
  first.id = second.id = 77;
  first.mf = true;
  second.offset = 64;
  const auto part = [&](const Ipv4Options& options, std::ptrdiff_t from, std::ptrdiff_t to) {
    return ipv4_packet("192.168.1.1", "192.168.1.2", 17, Octets(udp.begin() + from, udp.begin() + to), options);
  };
  const Octets begin = sealed_frame(1, part(first, 0, 64)), end = sealed_frame(2, part(second, 64, 108));
  CHECK(spell(inner_endpoints(Decoded{state_text({}), {begin}}.packet)) == "192.168.1.1 > 192.168.1.2 udp 84");
  CHECK(spell(inner_endpoints(Decoded{state_text({}), {begin, end}}.packet)) ==
        "192.168.1.1 > 192.168.1.2 udp 9>10 128");
}

TEST_CASE("view: what an ICMP error quotes is not what it says") {
  Octets quoted = ipv4_packet("10.0.0.1", "10.0.0.2", 17, udp_datagram("10.0.0.1", "10.0.0.2", 1, 2, {}));
  Octets icmp{3, 3, 0, 0, 0, 0, 0, 0};
  icmp.insert(icmp.end(), quoted.begin(), quoted.end());
  const Decoded it{"", {ethernet_frame(ipv4_packet("10.0.0.2", "10.0.0.1", 1, icmp))}};
  CHECK(spell(outer_endpoints(it.packet)) == "10.0.0.2 > 10.0.0.1 icmp 56");
  CHECK(brief_of(it.packet) == "ICMP port unreachable");
  const Decoded inside{state_text({}), {sealed_frame(1, ipv4_packet("10.0.0.2", "10.0.0.1", 1, icmp))}};
  CHECK(spell(inner_endpoints(inside.packet)) == "10.0.0.2 > 10.0.0.1 icmp 56");
}

TEST_CASE("view: under IPComp in transport mode the inside is what was compressed") {
  const Octets udp = udp_datagram("10.9.1.1", "10.9.1.2", 1000, 2000, Octets(300));
  Octets ipcomp{17, 0, 0, 2};
  const Octets small = deflated(udp);
  ipcomp.insert(ipcomp.end(), small.begin(), small.end());
  const Decoded it{transport_state(), {sealed_frame(1, ipcomp, 0x1001, 108)}};
  CHECK(spell(inner_endpoints(it.packet)) == "10.9.1.1 > 10.9.1.2 udp 1000>2000 328");
}

TEST_CASE("view: of packets side by side the last is the innermost, and what is beside it stays out") {
  Octets blocks(4);
  const Octets udp = ipv4_packet("10.0.0.1", "10.0.0.2", 17, udp_datagram("10.0.0.1", "10.0.0.2", 1, 2, Octets(4)));
  for (const Octets& packet : {inner_ping(1), udp}) blocks.insert(blocks.end(), packet.begin(), packet.end());
  const Decoded it{both_states(), {sealed_frame(1, blocks, 0x1001, 144)}};
  CHECK(spell(inner_endpoints(it.packet)) == "10.0.0.1 > 10.0.0.2 udp 1>2 32");
  CHECK(packets_side_by_side(it.packet) == 2);
  CHECK(nested_records(it.packet, it.packet.ipsec()[0]).size() == 1);
  CHECK_FALSE(is_reassembled(it.packet, it.packet.ipsec()[0]));
  const Decoded padding{both_states(), {sealed_frame(1, Octets(60), 0x1001, 144)}};
  CHECK(spell(inner_endpoints(padding.packet)) == "none");
  CHECK(packets_side_by_side(padding.packet) == 1);
}

namespace {

// An IKE message over UDP, decoded; `claimed` bytes of the frame were on the wire.
struct IkeDecoded {
  explicit IkeDecoded(const std::string& message, std::size_t cut = 0)
      : it(dissect_bytes(cut_by(unhex(ipv4_hex(17, udp_hex(500, 500, message))), cut), as_ipv4,
                         unhex(message).size() + 28)) {}
  static Octets cut_by(Octets bytes, std::size_t cut) {
    bytes.resize(bytes.size() - cut);
    return bytes;
  }
  // What the last layer's encrypted payload held.
  void open(std::uint32_t first, const std::string& payloads) {
    static const ClaimTable claims;
    inside.push_back(unhex(payloads));
    const auto outer = static_cast<LayerIndex>(it.packet.layers().size() - 1);
    const auto buffer = it.packet.add_buffer(inside.back(), Origin::decrypted);
    dissect_chain(it.packet, claims, buffer, inside.back(), inside.back().size(), {Space::ike_payload, first}, outer);
  }
  Dissected it;
  std::deque<Octets> inside;
};

std::string ike_line(const std::string& message, std::size_t cut = 0) {
  return brief_of(IkeDecoded{message, cut}.it.packet);
}

}  // namespace

TEST_CASE("view: an IKE message is its header's essentials and its payloads in brackets") {
  const std::string nonce = std::string(32, '0');
  CHECK(ike_line(ike_hex(0, "")) == "IKE_SA_INIT request 0");
  CHECK(ike_line(ike_hex(40, ike_payload_hex(41, nonce) + ike_payload_hex(0, "00004006"))) ==
        "IKE_SA_INIT request 0 [ Ni N(COOKIE) ]");
  CHECK(ike_line(ike_hex(40, ike_payload_hex(0, nonce), "20 22 20")) == "IKE_SA_INIT response 0 [ Nr ]");
}

TEST_CASE("view: what is encrypted in an IKE message is shown closed") {
  CHECK(ike_line(ike_hex(46, ike_payload_hex(35, "0011"), "20 23 08")) == "IKE_AUTH request 0 [ SK ]");
  CHECK(ike_line(ike_hex(53, ike_payload_hex(0, "0002 0003 0011"), "20 23 08")) == "IKE_AUTH request 0 [ SKF 2/3 ]");
  CHECK(ike_line(ike_hex(41, ike_payload_hex(46, "00004006") + ike_payload_hex(35, "0011"), "20 23 08")) ==
        "IKE_AUTH request 0 [ N(COOKIE) SK ]");
}

TEST_CASE("view: what came out of an encrypted payload of IKE stands in its place") {
  IkeDecoded whole{ike_hex(46, ike_payload_hex(35, "0011"), "20 23 20")};
  whole.open(40, ike_payload_hex(41, std::string(32, '0')) + ike_payload_hex(0, "0000a001"));
  CHECK(brief_of(whole.it.packet) == "IKE_AUTH response 0 [ Nr N(USE_BEET_MODE) ]");
  IkeDecoded last_fragment{ike_hex(53, ike_payload_hex(0, "0003 0003 0011"), "20 23 08")};
  last_fragment.open(42, ike_payload_hex(0, "01000000"));
  CHECK(brief_of(last_fragment.it.packet) == "IKE_AUTH request 0 [ D ]");
}

TEST_CASE("view: an encrypted payload of IKE that held nothing is empty brackets, but a fragment stays one") {
  IkeDecoded empty{ike_hex(46, ike_payload_hex(0, "0011"), "20 25 08")};
  IkeRecord record;
  record.layer = 2;
  record.sealed = IkeSealed::opened;
  empty.it.packet.ike().push_back(record);
  CHECK(brief_of(empty.it.packet) == "INFORMATIONAL request 0 [ ]");
  IkeDecoded fragment{ike_hex(53, ike_payload_hex(0, "0001 0003 0011"), "20 23 08")};
  record.fragment = 1;
  record.fragments = 3;
  fragment.it.packet.ike().push_back(record);
  CHECK(brief_of(fragment.it.packet) == "IKE_AUTH request 0 [ SKF 1/3 ]");
}

TEST_CASE("view: an IKE message that the snap length cut shows what is left") {
  const std::string message = ike_hex(40, ike_payload_hex(41, std::string(32, '0')) + ike_payload_hex(0, "00004006"));
  CHECK(ike_line(message, 1) == "IKE_SA_INIT request 0 [ Ni ... ]");
  CHECK(ike_line(message, 12) == "IKE_SA_INIT request 0");
}

TEST_CASE("view: IKE of version 1 is called that") {
  CHECK(ike_line(ike_hex(1, ike_payload_hex(13, "0000") + ike_payload_hex(0, "0102"), "10 02 00")) ==
        "IKEv1 main mode [ SA V ]");
  CHECK(ike_line(ike_hex(132, ike_payload_hex(0, "0001 02 01 aabb"), "10 02 00")) == "IKEv1 main mode [ FRAG 2 ]");
  CHECK(ike_line(ike_hex(8, "0011", "10 20 01")) == "IKEv1 quick mode, encrypted");
}
