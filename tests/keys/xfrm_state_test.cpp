// `ip xfrm state` as the program prints it: every field, every form.
#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr const char* gcm_key = "0x01080f161d242b323940474e555c636a71787f86";

// One inbound SA with a key line of the caller's.
std::string record(const std::string& key_lines, const std::string& more = {}) {
  return "src 198.51.100.7 dst 192.0.2.1\n\tproto esp spi 0xc0ffee01 reqid 1 mode tunnel\n\treplay-window 32 flag "
         "af-unspec\n" +
         key_lines + "\tanti-replay context: seq 0x1f, oseq 0x2, bitmap 0xffffffff\n" + more;
}
std::string gcm(const std::string& more = {}) {
  return record(std::string{"\taead rfc4106(gcm(aes)) "} + gcm_key + " 128\n", more);
}

}  // namespace

TEST_CASE("xfrm state: E1, an outbound GCM SA") {
  const Loaded out = load(
      "src 192.0.2.1 dst 198.51.100.7\n\tproto esp spi 0xc1a2b3d4 reqid 1 mode tunnel\n\treplay-window 0 flag "
      "af-unspec\n"
      "\taead rfc4106(gcm(aes)) 0x01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6 128\n"
      "\tlastused 2025-10-09 08:53:20\n\tanti-replay context: seq 0x0, oseq 0x5d3, bitmap 0x00000000\n");
  CHECK(out.report.format == "ip xfrm state");
  CHECK(out.report.records == 1);
  CHECK(out.report.usable == 1);
  CHECK(out.report.problems.empty());
  const auto& sa = out.sa();
  CHECK(sa.source.to_string() == "192.0.2.1");
  CHECK(sa.destination.to_string() == "198.51.100.7");
  CHECK(sa.spi == 0xc1a2b3d4);
  CHECK(sa.reqid == 1);
  CHECK(sa.mode == SaMode::tunnel);
  CHECK(suite_name(sa) == "AES-GCM-16-256");
  CHECK(key_bytes(sa.encryption.key) ==
        unhex("01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6"));
  REQUIRE(sa.positions.size() == 1);
  CHECK(sa.positions[0].sent == 0x5d3);
  CHECK_FALSE(sa.selector);
  CHECK(sa.selector_family == Family::none);
  CHECK(sa.file == "keys.txt");
  CHECK(sa.line == 1);
}

TEST_CASE("xfrm state: E2, CBC with HMAC and NAT traversal") {
  const Loaded out =
      load(record("\tauth-trunc hmac(sha256) 0x01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da 128\n"
                  "\tenc cbc(aes) 0x0910171e252c333a41484f565d646b72\n"
                  "\tencap type espinudp sport 4500 dport 4501 addr 0.0.0.0\n"));
  const auto& sa = out.sa();
  CHECK(suite_name(sa) == "AES-CBC-128 + HMAC-SHA2-256/128");
  CHECK(sa.encapsulation == Encapsulation::udp);
  CHECK((sa.source_port == 4500 && sa.destination_port == 4501));
  CHECK(sa.replay_window == 32);
  CHECK((sa.positions[0].received == 0x1f && sa.positions[0].sent == 2));
}

TEST_CASE("xfrm state: the made samples give the same SAs in every form") {
  const Loaded plain = load(text_of_file("xfrm-sample-ip610.txt"));
  CHECK(plain.report.records == 10);
  CHECK(plain.report.usable == 10);
  CHECK(plain.store.associations().size() == 9);
  CHECK(plain.report.format == "ip xfrm monitor");
  CHECK(plain.problems().find("SPI 0") == 0);
  CHECK(plain.report.problems.size() == 2);
  CHECK(plain.problems().find("soft limit") != std::string::npos);
  CHECK_FALSE((plain.report.problems[0].serious || plain.report.problems[1].serious));
  const auto wanted = spell(plain.store);
  for (const char* name : {"xfrm-sample-ip610-s.txt", "xfrm-sample-ip610-o.txt", "xfrm-sample-ip6150.txt"}) {
    INFO(name);
    const Loaded other = load(text_of_file(name));
    CHECK(spell(other.store) == wanted);
    CHECK(other.report.records == 10);
    CHECK(other.problems() == plain.problems());
  }
  CHECK(load(text_of_file("xfrm-sample-ip610-s.txt")).report.format == "ip -s xfrm monitor");
  CHECK(load(text_of_file("xfrm-sample-ip610-o.txt")).report.format == "ip -o xfrm monitor");
}

TEST_CASE("xfrm state: E3 to E11, what the samples hold") {
  const Loaded out = load(text_of_file("xfrm-sample-ip6150.txt"));
  const auto& esn = out.sa(2);
  CHECK((esn.esn && esn.replay_window == 128 && esn.if_id == 0x2a && esn.positions[0].received == 0x22));
  const auto& beet = out.sa(3);
  CHECK((beet.mode == SaMode::beet && beet.replay_window == 320 && beet.esn && beet.mark == 0x10 &&
         beet.mark_mask == 0xff));
  CHECK(beet.positions[0].sent == 0x1fffffff0U);
  REQUIRE(beet.selector);
  CHECK(beet.selector->source.to_string() == "2001:db8:a::1/128");
  CHECK(beet.selector_family == Family::ipv6);
  const auto& null = out.sa(4);
  CHECK(suite_name(null) == "NULL + HMAC-SHA1/96");
  CHECK((null.selector->protocol == 6 && null.selector->source_port == 5001 && null.selector->destination_port == 80));
  const auto& ah = out.sa(5);
  CHECK((ah.protocol == IpsecProtocol::ah && suite_name(ah) == "HMAC-SHA2-384/192" && ah.usable()));
  CHECK(out.sa(6).mode == SaMode::iptfs);
  const auto& tcp = out.sa(7);
  CHECK((tcp.encapsulation == Encapsulation::tcp && tcp.destination_port == 34567));
  CHECK(suite_name(tcp) == "AES-CTR-128 + AES-XCBC/96");
  CHECK(suite_name(out.sa(8)) == "AES-GCM-8-128");  // Updated and Deleted: one SA
  CHECK(out.sa(8).positions.size() == 2);
}

TEST_CASE("xfrm state: real dumps of two kernels") {
  for (const char* name : {"formats-ip610.txt", "formats-ip6150.txt"}) {
    INFO(name);
    const Loaded out = load(text_of_file(name));
    CHECK(out.report.usable == out.report.records - 3);  // `nokeys`
    for (const auto& problem : out.report.problems)
      CHECK((!problem.serious || problem.text.find("hidden") != std::string::npos));
    CHECK(suite_name(out.sa(0)) == "AES-CBC-128 + HMAC-MD5/96");
    CHECK(suite_name(out.sa(4)) == "AES-CBC-128 without integrity");
    CHECK(out.sa(8).selector->source.to_string() == "10.0.0.0/8");
    CHECK((out.sa(9).esn && out.sa(9).replay_window == 64 && out.sa(9).positions.size() == 2));
    CHECK((out.sa(0).selector_family == Family::ipv4 && !out.sa(0).selector));
  }
}

TEST_CASE("xfrm state: -s writes numbers in ways that must not be taken literally") {
  const Loaded out = load(
      "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001(4097) reqid 16(0x00000010) mode transport\n"
      "\treplay-window 4 seq 0x00000012 flag esn (0x10000000)\n\tauth-trunc hmac(md5) "
      "0x01080f161d242b323940474e555c636a (128 bits) 96\n"
      "\tenc cbc(aes) 0x0910171e252c333a41484f565d646b72 (128 bits)\n\tanti-replay context: seq 0x3, oseq 0x4, bitmap "
      "0x00000007\n"
      "\tlifetime config:\n\t  limit: soft (INF)(bytes), hard (INF)(bytes)\n\tlifetime current:\n\t  1234(bytes), "
      "11(packets)\n"
      "\t  add 2026-11-20 14:00:01 use -\n\tstats:\n\t  replay-window 7 replay 8 failed 9\n");
  CHECK(out.report.format == "ip -s xfrm state");
  CHECK(out.report.problems.empty());
  CHECK((out.sa().reqid == 16 && out.sa().replay_window == 4 && out.sa().esn));
  CHECK(out.sa().positions[0].received == 3);
  CHECK(key_bytes(out.sa().encryption.key).size() == 16);
  CHECK(
      load(replace_all(text_of_file("xfrm-sample-ip610-s.txt"), "flag af-unspec (", "flag extra_flag oseq-may-wrap ("))
          .report.usable == 10);
}

TEST_CASE("xfrm state: an esn context without the flag is a wide window, not ESN") {
  std::string text = gcm();
  text = text.substr(0, text.find("\tanti-replay"));
  const Loaded out = load(text +
                          "\tanti-replay esn context:\n\t seq-hi 0x1, seq 0x22, oseq-hi 0x2, oseq 0x3\n"
                          "\t replay_window 64, bitmap-length 2\n\t 00000000 ffffffff \n");
  CHECK(out.report.problems.empty());
  CHECK_FALSE(out.sa().esn);
  CHECK(out.sa().replay_window == 64);
  CHECK((out.sa().positions[0].received == 0x100000022U && out.sa().positions[0].sent == 0x200000003U));
}

TEST_CASE("xfrm state: the old auth line and aliases mean the default ICV") {
  const Loaded out =
      load(record("\tauth sha256 0x01080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3da\n"
                  "\tenc aes 0x0910171e252c333a41484f565d646b72\n"));
  CHECK(suite_name(out.sa()) == "AES-CBC-128 + HMAC-SHA2-256/96");
  CHECK(out.report.usable == 1);
}

TEST_CASE("xfrm state: no key where none belongs") {
  const Loaded out = load(record("\tauth-trunc digest_null  0\n\tenc ecb(cipher_null) \n"));
  CHECK(suite_name(out.sa()) == "NULL without integrity");
  CHECK(out.report.problems.empty());
  CHECK(load(record("\tauth-trunc hmac(md5) 0x01080f161d242b323940474e555c636a 96\n\tenc ecb(cipher_null) \"\"\n"))
            .report.usable == 1);
  CHECK(load(record("\tauth-trunc hmac(md5) 0x01080f161d242b323940474e555c636a 96\n\tenc cipher_null 0x\n"))
            .report.usable == 1);
}

TEST_CASE("xfrm state: keys for verifying only") {
  const Loaded out = load(record("\tauth-trunc hmac(md5) 0x01080f161d242b323940474e555c636a 96\n"));
  CHECK(out.sa().usable());
  CHECK(out.sa().encryption.info == nullptr);
  CHECK_FALSE(out.report.problems.at(0).serious);
}

TEST_CASE("xfrm state: selectors") {
  const auto selector = [](const std::string& line) { return load(gcm("\tsel " + line + "\n")); };
  CHECK_FALSE(selector("src 0.0.0.0/0 dst 0.0.0.0/0").sa().selector);
  CHECK(selector("src 0.0.0.0/0 dst 0.0.0.0/0 uid 0").sa().selector_family == Family::ipv4);
  CHECK(selector("src ::/0 dst ::/0").sa().selector_family == Family::ipv6);
  CHECK(selector("src 0.0.0.0/0 dst 0.0.0.0/0 proto tcp").sa().selector->protocol == 6);
  const Loaded icmp = selector("src 10.0.0.0/8 dst 10.1.0.1/32 proto icmp type 8 code 0 dev wan0 uid 0");
  CHECK(icmp.sa().selector->protocol == 1);
  CHECK((icmp.sa().selector->source_port == 8 && icmp.sa().selector->destination_port == 0));
  CHECK(selector("src ::1/128 dst ::2/128 proto ipv6-icmp").sa().selector->protocol == 58);
  CHECK(selector("src ::1/128 dst ::2/128 proto 99").sa().selector->protocol == 99);
  CHECK(selector("src ::1/128 dst ::2/128 proto weird").report.problems.size() == 1);
  const Loaded bad = selector("src 10.0.0.0/33 dst 10.1.0.1/32");
  CHECK_FALSE(bad.sa().selector);
  CHECK_FALSE(bad.report.problems.at(0).serious);
}

TEST_CASE("xfrm state: BEET without host addresses is named") {
  const auto beet = [](const std::string& more) { return load(replace_all(gcm(more), "mode tunnel", "mode beet")); };
  CHECK(beet("\tsel src 10.0.0.1/32 dst 10.0.0.2/32 \n").report.problems.empty());
  const Loaded none = beet({});
  CHECK(none.problems().find("without a selector") != std::string::npos);
  CHECK((none.report.problems[0].serious && none.sa().usable()));
  CHECK(beet("\tsel src ::/0 dst ::/0 \n").problems().find("takes ::") != std::string::npos);
  CHECK(beet("\tsel src ::/0 dst ::/0 \n").report.problems[0].serious);
  const Loaded prefix = beet("\tsel src 10.0.1.0/24 dst 10.0.0.2/32 \n");
  CHECK(prefix.problems().find("10.0.1.0/24 to 10.0.0.2/32 is not a host") != std::string::npos);
  CHECK_FALSE(prefix.report.problems[0].serious);
  CHECK(prefix.report.problems[0].line == 6);
}

TEST_CASE("xfrm state: modes and encapsulations with other names") {
  CHECK(load(replace_all(gcm(), "mode tunnel", "mode ro")).sa().mode == SaMode::other);
  CHECK(load(replace_all(gcm(), "mode tunnel", "mode iptfs")).sa().mode == SaMode::iptfs);
  CHECK(load(replace_all(gcm(), "mode tunnel", "mode transport")).sa().mode == SaMode::transport);
  CHECK(load(gcm("\tencap type espinudp-nonike sport 500 dport 500 addr 0.0.0.0\n")).sa().encapsulation ==
        Encapsulation::udp);
  CHECK(load(gcm("\tencap type 9 sport 500 dport 500 addr 0.0.0.0\n")).sa().encapsulation == Encapsulation::none);
}

TEST_CASE("xfrm state: SAs of other protocols and larval ones are passed over") {
  const Loaded comp = load(gcm() +
                           "src 1.1.1.1 dst 2.2.2.2\n\tproto comp spi 0x00008bad reqid 1 mode tunnel\n\tcomp deflate \n"
                           "src 1.1.1.1 dst 2.2.2.2\n\tproto 4 spi 0xc0000201 reqid 0 mode tunnel\n");
  CHECK((comp.report.records == 1 && comp.report.problems.empty()));
  const Loaded larval =
      load("src 1.1.1.1 dst 2.2.2.2\n\tproto esp spi 0x00000000 reqid 1 mode tunnel\n\treplay-window 0 \n");
  CHECK((larval.report.records == 0 && larval.report.problems.size() == 1 && !larval.report.problems[0].serious));
  const Loaded allocated =
      load("src 1.1.1.1 dst 2.2.2.2\n\tproto esp spi 0x00000012 reqid 1 mode tunnel\n\treplay-window 0 \n");
  CHECK((allocated.report.records == 0 && !allocated.report.problems.at(0).serious));
}
