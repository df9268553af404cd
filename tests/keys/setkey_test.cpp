// What setkey prints and what it is given.
#include "keys/setkey.hpp"

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
const std::string key = "0x000102030405060708090a0b0c0d0e0f10111213";
}  // namespace

TEST_CASE("setkey: addresses and protocols") {
  CHECK(keys::read_setkey_address("10.0.0.1")->port == 0);
  CHECK(keys::read_setkey_address("10.0.0.1[4500]")->port == 4500);
  CHECK(keys::read_setkey_address("2001:db8::1[500]")->address.is_v6());
  CHECK_FALSE(keys::read_setkey_address("gateway"));
  SecurityAssociation sa;
  CHECK((keys::set_setkey_protocol("esp-udp", sa) && sa.encapsulation == Encapsulation::udp));
  CHECK((keys::set_setkey_protocol("ah-old", sa) && sa.protocol == IpsecProtocol::ah));
  CHECK_FALSE(keys::set_setkey_protocol("ipcomp", sa));
}

TEST_CASE("setkey: dump, script and the dump of ip are the same SAs") {
  const auto keys_of = [](const char* name) {
    std::vector<std::string> out;
    for (std::string& text : spell(load(text_of_file(name)).store))
      out.push_back(text.substr(0, text.find(" window ")));
    std::sort(out.begin(), out.end());
    return out;
  };
  const auto wanted = keys_of("manual-tunnel.sh");
  REQUIRE(wanted.size() == 2);
  CHECK(keys_of("manual-tunnel-setkey-dump.txt") == wanted);
  CHECK(keys_of("manual-tunnel-setkey.conf") == wanted);
  CHECK(load(text_of_file("manual-tunnel-setkey-dump.txt")).report.format == "setkey -D");
  CHECK(load(text_of_file("manual-tunnel-setkey.conf")).report.format == "setkey script");
}

TEST_CASE("setkey dump: ports, windows and AH") {
  const Loaded out = load(
      "10.0.0.1[4500] 10.0.0.2[4501] \n\tesp-udp mode=any spi=16(0x00000010) reqid=3(0x00000003)\n\tE: null \n\tA: "
      "hmac-md5  "
      "00010203 04050607 08090a0b 0c0d0e0f\n\tseq=0x00000007 replay=4 flags=0x00000000 state=mature \n"
      "10.0.0.1 10.0.0.2 \n\tah mode=transport spi=17(0x00000011) reqid=0(0x00000000)\n\tA: hmac-sha1  00010203 "
      "04050607 "
      "08090a0b 0c0d0e0f 10111213\n\tseq=0x00000000 replay=0 flags=0x00000000 state=mature \n"
      "10.0.0.1 10.0.0.2 \n\tipcomp mode=any spi=18(0x00000012) reqid=0(0x00000000)\n\tC: deflate\n");
  CHECK(out.report.problems.empty());
  REQUIRE(out.store.associations().size() == 2);
  CHECK(spell(out.sa(0)) ==
        "10.0.0.1 > 10.0.0.2 esp 16 unknown reqid 3 | ecb(cipher_null) 0 0  | hmac(md5) 96 0 "
        "000102030405060708090a0b0c0d0e0f window 4 encap 1 4500 4501 mark 0/0 if 0 sel 0");
  CHECK((out.sa(1).protocol == IpsecProtocol::ah && out.sa(1).mode == SaMode::transport));
}

TEST_CASE("setkey script: statements end at semicolons") {
  const Loaded out = load(
      "flush; spdflush;\n# add 10.0.0.9 10.0.0.2 esp 9 -E null;\nadd -4 10.0.0.1[4500] 10.0.0.2[4500] esp-udp 0x10\n"
      "  -m transport -r 32 -u 5\n  -E blowfish-cbc \"a key\"\n  -A hmac-sha1 " +
      key +
      ";\n"
      "add 2001:db8::1 2001:db8::2 ah 17 -A hmac-sha256 " +
      key + "0000000000000000000000; # end\n");
  CHECK((out.report.records == 2));
  CHECK(spell(out.sa(0)) ==
        "10.0.0.1 > 10.0.0.2 esp 16 transport reqid 5 | cbc(blowfish) 0 0 61206b6579 | hmac(sha1) 96 0 "
        "000102030405060708090a0b0c0d0e0f10111213 window 32 encap 1 4500 4500 mark 0/0 if 0 sel 0");
  CHECK((out.sa(1).integrity.icv_bits == 96 && out.sa(1).protocol == IpsecProtocol::ah));
}

TEST_CASE("setkey: what is wrong names its line") {
  const Loaded script = load(
      "add 10.0.0.1 10.0.0.2 esp 16 -E rot13 0x00;\nadd 10.0.0.1 10.0.0.2 esp x -E null;\n"
      "add 10.0.0.1 10.0.0.2 esp 17 -E 3des-cbc 0x00 -A hmac-md5;\n");
  REQUIRE(script.report.problems.size() == 4);
  CHECK((holds(script.report.problems[0].text, "unknown algorithm \"rot13\"") && script.report.problems[0].line == 1));
  CHECK((holds(script.report.problems[1].text, "SPI") && script.report.problems[1].line == 2));
  CHECK(holds(script.report.problems[2].text, "24 wanted"));
  CHECK(holds(script.report.problems[3].text, "0 bytes"));
}
