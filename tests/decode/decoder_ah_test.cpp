// AH end to end, from the text of a dump: modes, nesting, fragments, damage, and what becomes of what it carries.
#include <espdump/decoder.hpp>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string sha1 = "auth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96";
const std::string sha256 =
    "auth-trunc hmac(sha256) 0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff ";

SaText ah_sa(const std::string& algorithms = sha1) {
  return {.spi = 0x2001, .mode = "transport", .algorithms = algorithms, .protocol = "ah"};
}
SaText ah_v6() {
  SaText sa = ah_sa();
  sa.source = "2001:db8::1";
  sa.destination = "2001:db8::2";
  return sa;
}

constexpr DecoderOptions keep{.keep_inner_packets = true};
const Octets datagram = udp_datagram("192.0.2.1", "192.0.2.2", 1000, 2000, Octets(31, 1));

Octets inner(const Packet& packet, std::size_t index) {
  return octets(packet.buffers()[packet.inner().at(index).buffer].bytes);
}

}  // namespace

TEST_CASE("ah: transport mode verifies in both families, and the packet without AH is kept") {
  for (const SaText& sa : {ah_sa(), ah_v6()}) {
    const Octets packet = outer_packet(sa, 17, datagram, {.ttl = 61, .id = 4711, .df = true, .tos = 0x28});
    Rig rig{{sa}, keep};
    const Packet& out = rig.feed(ah_frame(sa, 1, packet));
    REQUIRE(out.ipsec().size() == 1);
    const OpenRecord& record = out.ipsec()[0];
    CHECK(record.protocol == IpsecProtocol::ah);
    CHECK(record.icv == IcvVerdict::ok);
    CHECK(record.decrypted);
    CHECK(record.next_header == 17);
    CHECK(record.replay == ReplayVerdict::fresh);
    CHECK(layer_names(out).find("ah udp") != std::string::npos);
    REQUIRE(out.inner().size() == 1);
    CHECK(inner(out, 0) == packet);
    CHECK(out.findings().empty());
    CHECK(rig.sa(0).icv_ok == 1);
    CHECK(rig.sa(0).decrypted == 1);
    CHECK(rig.sa(0).key_error.empty());
  }
}

TEST_CASE("ah: of a tunnel the inner packet is kept as it was carried") {
  for (const SaText& sa : {ah_sa(), ah_v6()})
    for (const std::uint8_t next_header : {std::uint8_t{4}, std::uint8_t{41}}) {
      const Octets carried = next_header == 4 ? inner_v4() : inner_v6();
      Rig rig{{sa}};
      const Packet& out = rig.feed(ah_frame(sa, 1, outer_packet(sa, next_header, carried)));
      REQUIRE(out.inner().size() == 1);
      CHECK(inner(out, 0) == carried);
      CHECK(out.inner()[0].innermost);
      CHECK(out.inner()[0].record == 0);
    }
}

TEST_CASE("ah: a next header of IP with something else behind it, and next header 59, keep nothing") {
  const SaText sa = ah_sa();
  Rig rig{{sa}, keep};
  CHECK(rig.feed(ah_frame(sa, 1, outer_packet(sa, 4, {0x65, 0, 0, 0}))).inner().empty());
  CHECK(rig.feed(ah_frame(sa, 2, outer_packet(sa, 41, {}))).inner().empty());
  CHECK(rig.feed(ah_frame(sa, 3, outer_packet(sa, 59, {}))).inner().empty());
  CHECK(rig.sa(0).icv_ok == 3);
}

TEST_CASE("ah: what routers change does not matter, anything else does") {
  const SaText sa = ah_sa();
  const Octets frame = ah_frame(sa, 1, outer_packet(sa, 17, datagram, {.id = 3}));
  Rig rig{{sa}};
  std::size_t good = 0;
  for (std::size_t byte = 14; byte < frame.size(); ++byte) {
    Octets changed = frame;
    changed[byte] ^= 0x10;
    const Packet& out = rig.feed(changed, {.gap = 1'000'000'000});
    good += !out.ipsec().empty() && out.ipsec()[0].icv == IcvVerdict::ok ? 1 : 0;
  }
  CHECK(good == 4);  // TOS, TTL, and the two of the checksum; a changed offset makes a fragment of it
}

TEST_CASE("ah: a bad ICV is counted, shown, and nothing is kept") {
  const SaText sa = ah_sa();
  Rig rig{{sa}, keep};
  rig.feed(ah_frame(sa, 1, outer_packet(sa, 4, inner_v4())));
  const Packet& out = rig.feed(forged(ah_frame(sa, 2, outer_packet(sa, 4, inner_v4(2)))));
  CHECK(out.ipsec().at(0).icv == IcvVerdict::bad);
  CHECK_FALSE(out.ipsec()[0].decrypted);
  CHECK(layer_names(out) == "ethernet ipv4 ah ipv4 icmp");
  CHECK(out.inner().empty());
  CHECK(rig.found(codes::icv_bad).size() == 1);
  CHECK(rig.sa(0).icv_bad == 1);
  CHECK(rig.sa(0).kernel.failed == 1);
}

TEST_CASE("ah: a header of another length than the SA's is malformed, and no failure to a kernel") {
  const SaText sa = ah_sa();
  Rig rig{{sa}};
  rig.feed(ah_frame(sa, 1, outer_packet(sa, 17, datagram)));
  const Packet& out = rig.feed(ah_frame(ah_sa(sha256 + "128"), 2, outer_packet(sa, 17, datagram), 4));
  CHECK(out.ipsec().at(0).icv == IcvVerdict::bad);
  CHECK(rig.found(codes::esp_malformed).size() == 1);
  CHECK(rig.found(codes::esp_malformed).at(0).message.find("28 bytes") != std::string::npos);
  CHECK(rig.sa(0).kernel.failed == 0);
}

TEST_CASE("ah: padding to 4 bytes verifies as well as padding to 8, but Linux takes only that of its SA") {
  for (const bool align4 : {false, true}) {
    SaText sa = ah_sa(sha256 + "128");
    if (align4) sa.line = "flag align4";
    Rig rig{{sa}};
    CHECK(rig.feed(ah_frame(sa, 1, outer_packet(sa, 17, datagram), 4)).ipsec().at(0).icv == IcvVerdict::ok);
    CHECK(rig.feed(ah_frame(sa, 2, outer_packet(sa, 17, datagram), 8)).ipsec().at(0).icv == IcvVerdict::ok);
    CHECK(rig.sa(0).icv_ok == 2);
    CHECK(rig.sa(0).kernel.errors == 1);
    const auto found = rig.found(codes::esp_malformed);
    REQUIRE(found.size() == 1);
    CHECK(found.at(0).frame == (align4 ? 2 : 1));
    const char* told =
        align4 ? "an AH header of 32 bytes; a Linux receiver with this SA drops it, as it wants 28: it has "
                 "`flag align4`, which the sender lacks"
               : "an AH header of 28 bytes; a Linux receiver with this SA drops it, as it wants 32: it lacks "
                 "`flag align4`, which the sender has";
    CHECK(found.at(0).message == told);
  }
}

TEST_CASE("ah: numbers are judged as those of ESP: replay, late, reordered, ESN") {
  SaText sa = ah_sa();
  sa.window = 4;
  Rig rig{{sa}};
  const auto feed = [&](std::uint64_t number) {
    return rig.feed(ah_frame(sa, number, outer_packet(sa, 17, datagram)), {.gap = 1'000'000'000}).ipsec().at(0).replay;
  };
  for (const std::uint64_t number : {1, 2, 4, 10}) CHECK(feed(number) == ReplayVerdict::fresh);
  CHECK(feed(10) == ReplayVerdict::duplicate);
  CHECK(feed(8) == ReplayVerdict::reordered);
  CHECK(feed(3) == ReplayVerdict::stale);
  CHECK(rig.sa(0).kernel.replay == 1);
  CHECK(rig.sa(0).kernel.replay_window == 1);

  SaText esn = ah_sa();
  esn.esn = true;
  Rig wide{{esn}};
  for (const std::uint64_t number : {0x1'ffff'fffeULL, 0x1'ffff'ffffULL, 0x2'0000'0000ULL, 0x2'0000'0001ULL}) {
    const Packet& out = wide.feed(ah_frame(esn, number, outer_packet(esn, 17, datagram)));
    CHECK(out.ipsec().at(0).icv == IcvVerdict::ok);
    CHECK(out.ipsec()[0].sequence == number);
  }
}

TEST_CASE("ah: a failing ICV is explained by its length, by ESN, or by another SA's key") {
  const auto cause = [](const SaText& loaded, const SaText& sender, const std::vector<SaText>& more = {}) {
    std::vector<SaText> all{loaded};
    all.insert(all.end(), more.begin(), more.end());
    Rig rig{all};
    return rig.feed(ah_frame(sender, 5, outer_packet(sender, 17, datagram))).ipsec().at(0).icv_cause;
  };
  SaText esn = ah_sa(), other = ah_sa("auth-trunc hmac(sha1) 0xff0102030405060708090a0b0c0d0e0f10111213 96");
  esn.esn = true;
  CHECK(cause(ah_sa(sha256 + "96"), ah_sa(sha256 + "128")) == IcvCause::truncation);
  CHECK(cause(ah_sa(sha256 + "128"), ah_sa(sha256 + "96")) == IcvCause::truncation);
  CHECK(cause(ah_sa(), esn) == IcvCause::esn_missing);
  CHECK(cause(esn, ah_sa()) == IcvCause::esn_extra);
  SaText elsewhere = other;
  elsewhere.spi = 99;
  CHECK(cause(ah_sa(), other, {elsewhere}) == IcvCause::other_generation);
  CHECK(cause(ah_sa(), other) == IcvCause::none_found);
}

TEST_CASE("ah: without the SA, its key, or all bytes nothing is judged") {
  const SaText sa = ah_sa();
  const Octets frame = ah_frame(sa, 1, outer_packet(sa, 17, datagram));
  SaText hidden = sa;
  hidden.algorithms = "auth-trunc hmac(sha1) <<Keys hidden>> 96";
  const auto why = [&](const SaText& loaded, const Met& met = {}) {
    Rig rig{{loaded}, keep};
    const Packet& out = rig.feed(frame, met);
    CHECK(out.ipsec().at(0).icv == IcvVerdict::unchecked);
    CHECK_FALSE(out.ipsec()[0].decrypted);
    CHECK(out.inner().empty());
    return out.ipsec()[0].unchecked;
  };
  CHECK(why({.spi = 5}) == Unchecked::no_sa);
  CHECK(why(hidden) == Unchecked::no_key);
  CHECK(why(sa, {.captured = frame.size() - 1}) == Unchecked::cut);
  Rig rig{{sa}};
  rig.feed(frame, {.captured = frame.size() - 1});
  REQUIRE(rig.found(codes::esp_truncated_capture).size() == 1);
  CHECK(rig.found(codes::esp_truncated_capture)[0].message.find("from AH on") != std::string::npos);
}

TEST_CASE("ah: where a NAT changed an address, the ICV is bad, and that is why") {
  const SaText sa = ah_sa();
  Octets behind_nat = ah_frame(sa, 1, outer_packet(sa, 17, datagram));
  behind_nat[14 + 19] = 77;
  Rig rig{{sa}};
  const OpenRecord record = rig.feed(behind_nat).ipsec().at(0);
  CHECK(record.icv == IcvVerdict::bad);
  CHECK(record.icv_cause == IcvCause::nat);
  CHECK(rig.sa(0).association != nullptr);
  rig.finish();
  REQUIRE(rig.concluded(codes::icv_bad).size() == 1);
  CHECK(rig.concluded(codes::icv_bad)[0].why.find("A NAT changed them") != std::string::npos);
}

TEST_CASE("ah: an SA of another destination is not blamed for what even its own addresses do not mend") {
  const SaText sa = ah_sa();
  Octets stranger = ah_frame(ah_sa("auth-trunc hmac(sha1) 0xff0102030405060708090a0b0c0d0e0f10111213 96"), 1,
                             outer_packet(sa, 17, datagram));
  stranger[14 + 19] = 77;
  Rig rig{{sa}};
  CHECK(rig.feed(stranger).ipsec().at(0).unchecked == Unchecked::no_sa);
  CHECK(rig.sa(0).association == nullptr);
}

TEST_CASE("ah: asked to verify only, it does, and keeps nothing") {
  const SaText sa = ah_sa();
  Rig rig{{sa}, {.verify_only = true, .keep_inner_packets = true}};
  const Packet& out = rig.feed(ah_frame(sa, 1, outer_packet(sa, 4, inner_v4())));
  CHECK(out.ipsec().at(0).icv == IcvVerdict::ok);
  CHECK_FALSE(out.ipsec()[0].decrypted);
  CHECK(out.inner().empty());
}

TEST_CASE("ah: around ESP both are judged, outermost first, and the innermost packet is what ESP carried") {
  const SaText ah = ah_sa(), esp{};
  Rig rig{{ah, esp}, keep};
  const Octets packet = outer_packet(ah, 50, esp_of(esp, 7, inner_v4()));
  const Packet& out = rig.feed(ah_frame(ah, 1, packet));
  CHECK(layer_names(out) == "ethernet ipv4 ah esp ipv4 icmp");
  REQUIRE(out.ipsec().size() == 2);
  CHECK(out.ipsec()[0].protocol == IpsecProtocol::ah);
  CHECK(out.ipsec()[1].protocol == IpsecProtocol::esp);
  REQUIRE(out.inner().size() == 2);
  CHECK(inner(out, 0) == packet);
  CHECK_FALSE(out.inner()[0].innermost);
  CHECK(inner(out, 1) == inner_v4());
  CHECK(out.inner()[1].inside == 0);
}

TEST_CASE("ah: ESP inside an AH packet with a bad ICV is opened, but not kept") {
  const SaText ah = ah_sa(), esp{};
  Rig rig{{ah, esp}, keep};
  Octets frame = ah_frame(ah, 1, outer_packet(ah, 50, esp_of(esp, 7, inner_v4())));
  frame[14 + 20 + 12] ^= 1;
  const Packet& out = rig.feed(frame);
  CHECK(out.ipsec().at(0).icv == IcvVerdict::bad);
  CHECK(out.ipsec().at(1).icv == IcvVerdict::ok);
  CHECK(out.ipsec()[1].decrypted);
  CHECK(out.inner().empty());
}

TEST_CASE("ah: inside ESP it is verified as its receiver sees it, in a tunnel and in transport mode") {
  SaText esp{}, ah = ah_sa();
  ah.source = "10.1.0.1";
  ah.destination = "10.1.0.2";
  Rig tunnel{{esp, ah}, keep};
  const Octets protected_packet = ipv4_packet("10.1.0.1", "10.1.0.2", 17, datagram);
  const Packet& in_tunnel = tunnel.feed(esp_frame(esp, 1, ah_packet(ah, 1, protected_packet)));
  CHECK(layer_names(in_tunnel) == "ethernet ipv4 esp ipv4 ah udp");
  CHECK(in_tunnel.ipsec().at(1).icv == IcvVerdict::ok);
  CHECK(inner(in_tunnel, 1) == protected_packet);
  CHECK(in_tunnel.inner()[1].inside == 0);

  esp.mode = "transport";
  const SaText same = ah_sa();
  Rig transport{{esp, same}, keep};
  const Octets plain = outer_packet(same, 17, datagram), with_ah = ah_packet(same, 1, plain);
  const Packet& out = transport.feed(esp_frame(esp, 1, Octets(with_ah.begin() + 20, with_ah.end()), 51));
  CHECK(layer_names(out) == "ethernet ipv4 esp ah udp");
  CHECK(out.ipsec().at(1).icv == IcvVerdict::ok);
  CHECK(inner(out, 1) == plain);
}

TEST_CASE("ah: in AH is verified without the outer one, up to eight deep") {
  const SaText sa = ah_sa();
  Octets packet = outer_packet(sa, 17, datagram);
  for (std::uint64_t number = 1; number <= 12; ++number) packet = ah_packet(sa, number, packet);
  Rig rig{{sa}, keep};
  const Packet& out = rig.feed(ethernet_frame(packet));
  REQUIRE(out.ipsec().size() == 8);
  for (const OpenRecord& record : out.ipsec()) CHECK(record.icv == IcvVerdict::ok);
  CHECK(out.ipsec()[0].sequence == 12);
  CHECK(out.inner().size() == 8);
  CHECK(out.inner()[7].innermost);
}

TEST_CASE("ah: fragments of the outer packet are joined before, those inside after it was verified") {
  const SaText sa = ah_sa();
  const Octets whole = ah_packet(sa, 1, outer_packet(sa, 17, datagram, {.id = 9}));
  const auto piece = [&](std::size_t from, std::size_t to) {
    const Octets part(whole.begin() + 20 + static_cast<std::ptrdiff_t>(from),
                      whole.begin() + 20 + static_cast<std::ptrdiff_t>(to));
    return ethernet_frame(outer_packet(
        sa, 51, part, {.id = 9, .mf = to != whole.size() - 20, .offset = static_cast<std::uint16_t>(from)}));
  };
  Rig outside{{sa}};
  CHECK(outside.feed(piece(0, 32)).ipsec().empty());
  const Packet& joined = outside.feed(piece(32, whole.size() - 20));
  CHECK(joined.ipsec().at(0).icv == IcvVerdict::ok);

  Rig inside{{sa}, keep};
  const auto carried = [&](std::uint16_t from, std::size_t size, bool more) {
    const Octets part(datagram.begin() + from, datagram.begin() + from + static_cast<std::ptrdiff_t>(size));
    return ipv4_packet("10.0.0.1", "10.0.0.2", 17, part, {.id = 5, .mf = more, .offset = from});
  };
  inside.feed(ah_frame(sa, 1, outer_packet(sa, 4, carried(0, 16, true))));
  const Packet& last = inside.feed(ah_frame(sa, 2, outer_packet(sa, 4, carried(16, datagram.size() - 16, false))));
  CHECK(last.reassembled);
  CHECK(layer_names(last) == "ethernet ipv4 ah ipv4 ipv4 udp");
  REQUIRE(last.inner().size() == 1);
  CHECK(inner(last, 0) == carried(16, datagram.size() - 16, false));
}

TEST_CASE("ah: an ICMP error names the SA whose packet it quotes, of several the outermost") {
  const SaText ah = ah_sa(), esp{};
  const Octets sent = ah_packet(ah, 7, outer_packet(ah, 50, esp_of(esp, 3, inner_v4())));
  Octets error{3, 4, 0, 0, 0, 0, 0x05, 0x14};
  error.insert(error.end(), sent.begin(), sent.end());
  Rig rig{{ah, esp}};
  rig.feed(ethernet_frame(sent));
  const Packet& out = rig.feed(ethernet_frame(ipv4_packet("198.51.100.1", "192.0.2.1", 1, error)));
  REQUIRE(out.quoted_ipsec);
  CHECK(out.quoted_ipsec->spi == 0x2001);
  CHECK(out.quoted_ipsec->sequence == 7);
  CHECK(out.quoted_ipsec->sa == 1);
  CHECK(out.ipsec().empty());
}
