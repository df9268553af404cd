#include "keys/xfrm_record.hpp"

#include "support/catch.hpp"

using namespace espdump;
using namespace espdump::keys;

namespace {

XfrmRecord read(std::initializer_list<std::string_view> lines) {
  XfrmRecord record;
  std::size_t number = 0;
  for (const std::string_view line : lines) {
    INFO(line);
    CHECK(read_field(record, line, ++number) == FieldKind::known);
  }
  return record;
}

}  // namespace

TEST_CASE("xfrm record: the proto line") {
  const auto record = read({"proto esp spi 0xc0ffee01 reqid 16385 mode tunnel"});
  CHECK(record.protocol == "esp");
  CHECK(record.spi == 0xc0ffee01U);
  CHECK(record.sa.reqid == 16385);
  CHECK(record.sa.mode == SaMode::tunnel);
  CHECK_FALSE(record.statistics);
  const auto detailed = read({"proto esp spi 0x00001001(4097) reqid 1(0x00000001) mode transport"});
  CHECK(detailed.spi == 0x1001U);
  CHECK(detailed.sa.reqid == 1);
  CHECK(detailed.statistics);
}

TEST_CASE("xfrm record: modes, named and numbered") {
  const std::pair<std::string_view, SaMode> modes[] = {{"proto esp mode transport", SaMode::transport},
                                                       {"proto esp mode tunnel", SaMode::tunnel},
                                                       {"proto esp mode beet", SaMode::beet},
                                                       {"proto esp mode iptfs", SaMode::iptfs},
                                                       {"proto esp mode 5", SaMode::iptfs},
                                                       {"proto esp mode in_trigger", SaMode::other}};
  for (const auto& [line, mode] : modes) CHECK(read({line}).sa.mode == mode);
}

TEST_CASE("xfrm record: replay window and flags, also where a paste broke them off") {
  CHECK(read({"replay-window 32"}).sa.replay_window == 32);
  CHECK_FALSE(read({"replay-window 32 flag af-unspec"}).sa.esn);
  CHECK(read({"replay-window 0 flag af-unspec esn"}).sa.esn);
  CHECK(read({"replay-window 0", "flag esn"}).sa.esn);
  CHECK(read({"esn"}).sa.esn);
  CHECK(read({"af-unspec esn"}).sa.esn);
  // In the statistics a line of the same name counts packets.
  CHECK(read({"replay-window 32", "replay-window 7 replay 3 failed 1"}).sa.replay_window == 32);
}

TEST_CASE("xfrm record: anti-replay contexts") {
  const auto old_form = read({"anti-replay context: seq 0x1f, oseq 0x2, bitmap 0xffffffff"});
  CHECK(old_form.has_context);
  CHECK((old_form.seq == 0x1f && old_form.oseq == 2));
  CHECK_FALSE(old_form.context_window);
  const auto esn = read({"anti-replay esn context:", "seq-hi 0x1, seq 0x2, oseq-hi 0x3, oseq 0x4",
                         "replay_window 128, bitmap-length 4", "ffffffff 00000000 00000001 abcdef01"});
  CHECK(esn.has_context);
  CHECK((esn.seq_hi == 1 && esn.seq == 2 && esn.oseq_hi == 3 && esn.oseq == 4));
  CHECK(esn.context_window == 128U);
}

TEST_CASE("xfrm record: marks, interfaces and encapsulation") {
  const auto record = read({"mark 0x2a/0xff", "if_id 0x7", "encap type espinudp sport 4500 dport 4501 addr 0.0.0.0"});
  CHECK((record.sa.mark == 0x2a && record.sa.mark_mask == 0xff));
  CHECK(record.sa.if_id == 7U);
  CHECK(record.sa.encapsulation == Encapsulation::udp);
  CHECK((record.sa.source_port == 4500 && record.sa.destination_port == 4501));
  CHECK(read({"encap type espinudp-nonike sport 1 dport 2 addr ::"}).sa.encapsulation == Encapsulation::udp);
  CHECK(read({"encap type espintcp sport 1 dport 2 addr ::"}).sa.encapsulation == Encapsulation::tcp);
  CHECK(read({"encap type 9 sport 1 dport 2 addr ::"}).sa.encapsulation == Encapsulation::none);
}

TEST_CASE("xfrm record: a selector with everything, and one that is none") {
  const auto record = read({"sel src 10.0.0.0/8 dst 10.1.0.1/32 proto tcp sport 80 dport 443"});
  REQUIRE(record.sa.selector);
  CHECK(record.sa.selector->source.to_string() == "10.0.0.0/8");
  CHECK(record.sa.selector->destination.is_host());
  CHECK(record.sa.selector->protocol == 6);
  CHECK((record.sa.selector->source_port == 80 && record.sa.selector->destination_port == 443));
  CHECK(record.sa.selector_family == Family::ipv4);
  CHECK(record.note.empty());
  const auto any = read({"sel src ::/0 dst ::/0"});
  CHECK_FALSE(any.sa.selector);
  CHECK(any.sa.selector_family == Family::ipv6);
}

TEST_CASE("xfrm record: selectors with ICMP types, numbers and protocols nobody knows") {
  const auto icmp = read({"sel src ::/0 dst ::/0 proto ipv6-icmp type 128 code 0"});
  REQUIRE(icmp.sa.selector);
  CHECK((icmp.sa.selector->protocol == 58 && icmp.sa.selector->source_port == 128));
  CHECK(read({"sel src 10.0.0.1/32 dst 10.0.0.2/32 proto 99"}).sa.selector->protocol == 99);
  const auto unknown = read({"sel src 10.0.0.1/32 dst 10.0.0.2/32 proto nosuch"});
  CHECK(unknown.sa.selector->protocol == 0);
  CHECK_THAT(unknown.note, Catch::Contains("not known"));
}

TEST_CASE("xfrm record: selectors that cannot be read leave a note and no selector") {
  for (const std::string_view line : {"sel", "sel src 10.0.0.0/8", "sel src 10.0.0.0/8 dst fd00::/8",
                                      "sel src 10.0.0.0/99 dst 10.0.0.0/8", "sel from 10.0.0.0/8 dst 10.0.0.0/8"}) {
    const auto record = read({line});
    INFO(line);
    CHECK_FALSE(record.sa.selector);
    CHECK_FALSE(record.note.empty());
  }
}

TEST_CASE("xfrm record: key lines keep their text and where they stood") {
  const auto record = read({"auth-trunc hmac(sha256) 0xaabb 128", "enc cbc(aes) 0xccdd"});
  REQUIRE(record.integrity);
  REQUIRE(record.encryption);
  CHECK((record.integrity->name == "hmac(sha256)" && record.integrity->states_icv && record.integrity->line == 1));
  CHECK((record.encryption->name == "cbc(aes)" && !record.encryption->states_icv && record.encryption->line == 2));
  CHECK(record.encryption->kind == AlgorithmKind::encryption);
  CHECK_FALSE(read({"auth hmac(sha1) 0xaabb"}).integrity->states_icv);
  CHECK(read({"aead rfc4106(gcm(aes)) 0xaabb 128"}).aead->kind == AlgorithmKind::aead);
}

TEST_CASE("xfrm record: what a paste broke off a key line belongs to it, a field behind it does not") {
  const auto record = read({"aead rfc4106(gcm(aes)) 0x0011", "22334455", "66778899 128", "if_id 0x1", "00112233"});
  REQUIRE(record.aead);
  CHECK(record.aead->pieces.size() == 3);
  CHECK(record.aead->pieces[2] == "66778899 128");
  CHECK(record.open_key == nullptr);
}

TEST_CASE("xfrm record: statistics are known, other lines are not") {
  CHECK(read({"lifetime config:", "limit: soft (INF)(bytes), hard (INF)(bytes)",
              "lifetime current:", "1234(bytes), 11(packets)", "add 2025-10-09 08:53:20 use -", "stats:"})
            .statistics);
  XfrmRecord record;
  for (const std::string_view line : {"", "hello", "12345", "123456789", "xbytes(bytes)"}) {
    INFO(line);
    CHECK(read_field(record, line, 1) == FieldKind::unknown);
  }
}
