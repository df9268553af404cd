// Commands of iproute2: what is written must be read back as the same SA.
#include "keys/export_xfrm.hpp"

#include <algorithm>

#include "keys/export_support.hpp"

using namespace espdump;
using namespace espdump::test;
using keys::export_xfrm;

namespace {

const std::string aes = "\tenc cbc(aes) 0x000102030405060708090a0b0c0d0e0f\n";
const std::string sha1 = "\tauth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96\n";

// Several dumps of an SA have several positions of its window, a command has one.
std::string without_positions(const SecurityAssociation& sa) {
  const std::string text = spell(sa);
  return text.substr(0, text.find(" ["));
}

void goes_round(std::string_view text) {
  const Loaded first = load(text);
  const Exported out = exported(export_xfrm, first.store.associations());
  INFO(out.said());
  const Loaded second = load(out.text);
  INFO(second.problems());
  CHECK(spell(second.store) == spell(first.store));
  CHECK(second.report.format == "ip xfrm state add");
  CHECK(std::count(out.text.begin(), out.text.end(), '\n') == static_cast<long>(first.store.associations().size()));
}

std::string left_out(std::string_view text) {
  const Exported out = exported(export_xfrm, text);
  CHECK(out.text.empty());
  CHECK((out.notes.size() == 1 && out.notes[0].file == "keys.txt" && out.notes[0].line == 1));
  return out.said();
}

}  // namespace

TEST_CASE("export to xfrm: every algorithm, key length and ICV length goes round") {
  Random random;
  INFO("ESPDUMP_SEED=" << random.seed());
  goes_round(every_suite(random));
}

TEST_CASE("export to xfrm: everything that a dump says of an SA goes round") {
  const std::string proto = "\tproto esp spi 0x00001001 reqid 7 mode ";
  const auto sa = [&](const std::string& mode, const std::string& rest) {
    return "src 10.0.0.1 dst 10.0.0.2\n" + proto + mode + "\n" + rest + sha1 + aes;
  };
  for (const char* mode : {"tunnel", "transport", "beet", "iptfs"}) {
    INFO(mode);
    goes_round(sa(mode, "\treplay-window 128 \n\tsel src 10.1.0.1/32 dst 10.2.0.1/32 \n"));
  }
  goes_round(sa("tunnel",
                "\treplay-window 0 flag esn\n\tanti-replay esn context:\n\t seq-hi 0x1, seq 0xfffffff0, oseq-hi "
                "0x2, oseq 0x3\n\t replay_window 64, bitmap-length 2\n"));
  goes_round(sa("tunnel", "\tanti-replay context: seq 0x12, oseq 0x34, bitmap 0x00000000\n"));
  goes_round(sa("tunnel", "\tencap type espinudp sport 4500 dport 40001 addr 0.0.0.0\n"));
  goes_round(sa("tunnel", "\tencap type espintcp sport 4500 dport 0 addr 0.0.0.0\n"));
  goes_round(sa("tunnel", "\tmark 0x10/0xff \n\tif_id 0x2a\n\tsel src 0.0.0.0/0 dst 0.0.0.0/0 \n"));
  goes_round(sa("transport", "\tsel src 10.0.0.0/8 dst 10.1.0.0/16 proto tcp sport 80 dport 1024 \n"));
  goes_round(sa("transport", "\tsel src 10.0.0.1/32 dst 10.1.0.0/16 proto icmp type 8 code 0 \n"));
  goes_round("src 2001:db8::1 dst 2001:db8::2\n" + proto +
             "tunnel\n\tencap type espinudp sport 4500 dport 4500 addr ::\n"
             "\tsel src ::/0 dst ::/0 \n" +
             sha1 + aes);
}

TEST_CASE("export to xfrm: files of every kind go round") {
  for (const char* name : {"xfrm-sample-ip610.txt", "xfrm-sample-ip6150.txt", "xfrm-sample-ip610-s.txt",
                           "manual-tunnel.sh", "manual-tunnel-setkey-dump.txt"}) {
    INFO(name);
    const Loaded first = load(text_of_file(name));
    const Exported out = exported(export_xfrm, first.store.associations());
    const Loaded second = load(out.text);
    std::vector<std::string> wanted, got;
    for (const SecurityAssociation& sa : first.store.associations())
      if (sa.usable()) wanted.push_back(without_positions(sa));
    for (const SecurityAssociation& sa : second.store.associations()) got.push_back(without_positions(sa));
    CHECK(got == wanted);
    CHECK_FALSE(wanted.empty());
  }
}

TEST_CASE("export to xfrm: the window that both ends show is the later of both") {
  const auto end = [](const std::string& numbers) {
    return dump(1, sha1 + aes + "\tanti-replay context: " + numbers + ", bitmap 0x00000000\n");
  };
  const Exported out = exported(export_xfrm, end("seq 0x5, oseq 0x0") + end("seq 0x0, oseq 0x9"));
  CHECK_THAT(out.text, Catch::Contains(" replay-seq 0x5 replay-oseq 0x9 "));
}

TEST_CASE("export to xfrm: words that mean something to a shell are quoted") {
  const Exported out = exported(export_xfrm, dump(1, "\tauth-trunc digest_null  0\n\tenc ecb(cipher_null) \n"));
  CHECK_THAT(out.text, Catch::Contains(" enc 'ecb(cipher_null)' '' auth-trunc 'digest_null' '' 0"));
  CHECK(out.text.find_first_of("$`\"\\;&|<>*?") == std::string::npos);
}

TEST_CASE("export to xfrm: SAs that no command can set up are told and left out") {
  CHECK_THAT(left_out(dump(1, "\tauth-trunc hmac(sha1) <<Keys hidden>> 96\n" + aes)), Catch::Contains("hidden"));
  CHECK_THAT(left_out(dump(1, "\tenc cbc(aes) 0x00\n" + sha1)), Catch::Contains("cannot be used"));
  CHECK_THAT(left_out(R"("IPv4","*","*","0x1","NULL","","NULL","")"
                      "\n") +
                 left_out(R"("IPv4","*","*","0x12****","NULL","","NULL","")"
                          "\n"),
             Catch::Contains("open"));
}

TEST_CASE("export to xfrm: what a command cannot say is told") {
  const Exported row = exported(export_xfrm, R"("IPv4","10.0.0.1","10.0.0.2","0x1","NULL","","NULL","")"
                                             "\n");
  CHECK_THAT(row.said(), Catch::Contains("`mode tunnel`"));
  CHECK_THAT(row.text, Catch::Contains(" mode tunnel "));
  CHECK_THAT(exported(export_xfrm, dump(1, sha1)).said(), Catch::Contains("without `enc`"));
  const std::string other = replace_all(aes, "0001", "ffff");
  CHECK_THAT(exported(export_xfrm, dump(1, sha1 + aes) + dump(1, sha1 + other)).said(), Catch::Contains("refuses"));
  CHECK(exported(export_xfrm, dump(1, sha1 + aes) + dump(2, sha1 + other)).said().empty());
}
