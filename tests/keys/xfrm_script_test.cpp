// SAs out of scripts, in all the ways people write them.
#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string gcm_key = "0x000102030405060708090a0b0c0d0e0f10111213";
const std::string aead = " aead 'rfc4106(gcm(aes))' " + gcm_key + " 128";
const std::string ids = " src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1001";

Loaded add(const std::string& rest) { return load("ip xfrm state add" + rest + "\n"); }

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("xfrm script: the command by all its names") {
  const std::string words = ids + " mode tunnel" + aead;
  const auto wanted = spell(add(words).store);
  REQUIRE(wanted.size() == 1);
  for (const char* command :
       {"sudo ip xfrm state add", "sudo -n ip x s a", "/sbin/ip xfrm sa add", "ip -6 xfrm st update", "xfrm state add",
        "ip netns exec left ip xfrm state add", "ip -n left xfrm state add", "if true; then ip xf state ad",
        "nohup /usr/sbin/ip -netns left xfrm state up", "root@left:~# ip xfrm state add", "$ ip xfrm state add"}) {
    INFO(command);
    const Loaded out = load(command + words + "\n");
    CHECK(spell(out.store) == wanted);
    CHECK(out.report.format == "ip xfrm state add");
    CHECK(out.report.problems.empty());
  }
}

TEST_CASE("xfrm script: keywords stand in any order and have their values") {
  const auto sa =
      add(aead +
          " flag esn af-unspec replay-window 64 replay-seq 5 replay-oseq 9 replay-seq-hi 1 limit time-hard 3600"
          " encap espinudp 4500 4501 0.0.0.0 mark 0x10 mask 0xff output-mark 3 mask 0xf if_id 0x2a tfcpad 1300 dir in"
          " extra-flag oseq-may-wrap offload packet dev eth0 dir in ctx x reqid 7 mode beet"
          " sel src 10.1.0.1 dst 10.2.0.1/32 proto tcp sport 80 spi 010 proto esp dst 10.0.0.2 src 10.0.0.1");
  CHECK(sa.report.problems.empty());
  CHECK(spell(sa.sa()) ==
        "10.0.0.1 > 10.0.0.2 esp 8 beet reqid 7 | rfc4106(gcm(aes)) 128 0 000102030405060708090a0b0c0d0e0f10111213 | - "
        "0 0  esn window 64 encap 1 4500 4501 mark 16/255 if 42 sel 4 10.1.0.1/32 10.2.0.1/32 6 80 0 [4294967301 9]");
}

TEST_CASE("xfrm script: keys as iproute2 takes them") {
  const auto enc = [](const std::string& key) {
    return key_bytes(add(ids + " enc blowfish " + key).sa().encryption.key);
  };
  CHECK(enc("0x0011223344") == unhex("0011223344"));
  CHECK(enc("0x123456789") == unhex("0123456789"));
  CHECK(enc("'a key'") == unhex("61206b6579"));
  CHECK(add(ids + " enc cipher_null ''").sa().encryption.info->primitive == Primitive::null_cipher);
  CHECK(add(ids + " enc cipher_null \"\" auth digest_null ''").sa().integrity.info->primitive == Primitive::null_mac);
}

TEST_CASE("xfrm script: auth alone has the kernel's default ICV") {
  const std::string key = " 0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  CHECK(add(ids + " auth sha256" + key).sa().integrity.icv_bits == 96);
  CHECK(add(ids + " auth-trunc 'hmac(sha256)'" + key + " 128").sa().integrity.icv_bits == 128);
  const Loaded cut = add(ids + " auth-trunc 'hmac(sha256)'" + key);
  CHECK_FALSE(cut.sa().usable());
}

TEST_CASE("xfrm script: variables are followed, what a run makes is said") {
  const std::string script = "KEY=000102030405060708090a0b0c0d0e0f\nSALT=10111213\nID='spi 0x1001'\n";
  const Loaded out = load(script +
                          "ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp $ID mode tunnel aead "
                          "\"rfc4106(gcm(aes))\" 0x${KEY}$SALT 128\n");
  CHECK(spell(out.store) == spell(add(ids + " mode tunnel" + aead).store));

  const Loaded made = load("K=0x$(dd if=/dev/urandom count=20 bs=1 | xxd -p)\nip xfrm state add" + ids +
                           " aead 'rfc4106(gcm(aes))' $K 128\nip xfrm state add" + ids +
                           " enc aes $X\nip xfrm state add src $1" + ids.substr(13) + aead + "\n");
  CHECK(made.report.records == 0);
  REQUIRE(made.report.problems.size() == 3);
  CHECK(made.report.problems[0].line == 2);
  CHECK(made.report.problems[0].text ==
        "the value of $K is made at run time; take `ip xfrm state` instead; SA left out");
  CHECK(holds(made.report.problems[1].text, "nothing in this file assigns $X before it"));
  CHECK(holds(made.report.problems[2].text, "given when the script is run"));
}

TEST_CASE("xfrm script: other commands are passed over") {
  const Loaded out = load(
      "ip xfrm state flush\nip xfrm state deleteall proto esp\nip xfrm policy add src 10.1.0.0/16 dst "
      "10.2.0.0/16 dir out tmpl proto esp mode tunnel\nip addr add 10.0.0.1/24 dev eth0\n"
      "ip xfrm state add proto comp spi 5 src 10.0.0.1 dst 10.0.0.2 comp deflate\n"
      "ip xfrm state add" +
      ids + aead + "\nfor i in 1 2; do echo $i; done\n");
  CHECK((out.report.records == 1 && out.report.problems.empty()));
}

TEST_CASE("xfrm script: what is wrong names its line") {
  const Loaded out = load(
      "ip xfrm state add src 10.0.0.1 proto esp spi 1 enc aes 0x00\n"
      "ip xfrm state add src 10.0.0.1 dst 10.0.0.2 spi 1 enc aes 0x00\n"
      "ip xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp enc aes 0x00\n"
      "ip xfrm state add" +
      ids +
      "\n"
      "ip xfrm state add" +
      ids +
      " enc what 0x00\n"
      "ip xfrm state add" +
      ids +
      " enc aes 0x0z\n"
      "ip xfrm state add" +
      ids + aead + " colour blue\n");
  REQUIRE(out.report.problems.size() == 7);
  const char* texts[] = {"destination address", "no `proto`",         "SPI", "no `enc`", "unknown algorithm \"what\"",
                         "not hexadecimal",     "the word \"colour\""};
  for (std::size_t i = 0; i < 7; ++i) {
    CHECK(out.report.problems[i].line == i + 1);
    CHECK(holds(out.report.problems[i].text, texts[i]));
    CHECK(out.report.problems[i].serious == (i != 6));
  }
  CHECK((out.report.records == 3 && out.report.usable == 1));
}

TEST_CASE("xfrm script: a paste of commands and a dump gives the SAs of both") {
  const Loaded out = load(text_of_file("manual-tunnel-paste.txt"));
  CHECK(out.report.format == "ip xfrm state + ip xfrm state add");
  CHECK((out.report.records == 2 && out.report.usable == 2 && out.report.problems.empty()));
  CHECK(spell(load(text_of_file("manual-tunnel.sh")).store)[0].substr(0, 60) == spell(out.store)[1].substr(0, 60));
}

TEST_CASE("xfrm script: no message shows a key") {
  const Loaded out = load("ip xfrm state add" + ids + aead + " 0x112233445566 enc aes\nip xfrm state add " + gcm_key +
                          "\nip xfrm state add" + ids + " enc " + gcm_key + " aes\n");
  for (const auto& problem : out.report.problems) CHECK_FALSE(holds(problem.text, "0405060708"));
  CHECK_FALSE(out.report.problems.empty());
}
