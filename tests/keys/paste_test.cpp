// Dumps as they arrive: pasted from terminals and mails, cut off, damaged.
#include <random>

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr const char* record =
    "src 198.51.100.7 dst 192.0.2.1\n\tproto esp spi 0xc0ffee01 reqid 1 mode tunnel\n\treplay-window 32 flag af-unspec "
    "esn\n"
    "\taead rfc4106(gcm(aes)) 0x01080f161d242b323940474e555c636a71787f86 128\n"
    "\tanti-replay context: seq 0x1f, oseq 0x2, bitmap 0xffffffff\n\tif_id 0x2a\n";

// The record spelled as it should come out however it was pasted.
std::string spelled() { return spell(load(record).sa()); }

void check_same(const std::string& text) {
  INFO(text);
  const Loaded out = load(text);
  REQUIRE(out.store.associations().size() == 1);
  CHECK(spell(out.sa()) == spelled());
  CHECK(out.problems().empty());
}

// The SAs of a text that may be anything.
std::size_t load_anything(const std::string& text) {
  Keystore store;
  const auto report = store.import_text("fuzz", bytes_of(text));
  store.seal();
  if (!report) return 0;
  REQUIRE(store.associations().size() <= report->records);
  REQUIRE(report->usable <= report->records);
  return report->records;
}

}  // namespace

TEST_CASE("paste: line ends, lost tabs, quotation marks and prompts do not matter") {
  check_same(replace_all(record, "\n", "\r\n"));
  check_same(replace_all(record, "\t", "        "));
  check_same(replace_all(record, "\t", " "));
  check_same(replace_all(record, "\t", ""));
  check_same(replace_all("\n" + std::string{record}, "\n", "\n> ").substr(1));
  check_same(replace_all("\n" + std::string{record}, "\n", "\n# ").substr(1));
  check_same("root@gw:~# ip xfrm state\n" + std::string{record} + "root@gw:~# \n");
  check_same("[root@gw ~]# ip xfrm state\n" + std::string{record} + "[root@gw ~]#");
  check_same("$ sudo ip -s xfrm state\n# " + std::string{record} + "$");
  check_same("\xef\xbb\xbf" + std::string{record});
  check_same("[2026-11-20T14:58:43.613935] " + std::string{record});
  check_same("[nsid current]" + std::string{record});
  check_same("[2026-11-20T14:58:43.613935] [nsid 3]Updated " + std::string{record});
  check_same("Timestamp: Fri Nov 20 14:58:43 2026 612172 usec\nUpdated " + std::string{record});
  check_same(replace_all(record, "\n\t", "\\\t").insert(std::string{record}.size() - 1, "\\"));
  check_same(replace_all(record, "\n\t", "\\ "));
}

TEST_CASE("paste: a key line broken anywhere is mended") {
  const std::string text = record;
  const std::size_t key = text.find("0x01"), end = text.find(" 128\n") + 4;
  for (std::size_t at = key + 2; at <= end; ++at) {
    check_same(text.substr(0, at) + '\n' + text.substr(at));
    check_same(text.substr(0, at) + "\r\n  " + text.substr(at));
  }
  check_same(text.substr(0, key) + "\n" + text.substr(key));
  std::string narrow = text;
  for (std::size_t at = key + 6; at < narrow.find("\n\tanti"); at += 7) narrow.insert(at, "\n");
  check_same(narrow);
}

TEST_CASE("paste: broken lines of -s, of auth-trunc and of enc are mended") {
  const std::string text =
      "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001(4097) reqid 1(0x00000001) mode transport\n"
      "\tauth-trunc hmac(sha1) 0x01080f161d242b323940474e555c636a71787f86 (160 bits) 96\n"
      "\tenc cbc(aes) 0x0910171e252c333a41484f565d646b72 (128 bits)\n\tif_id 0x1\n";
  const std::string wanted = spell(load(text).sa());
  for (const char* part : {"0x01", "0x09"}) {
    const std::size_t key = text.find(part) + 2, end = text.find('\n', key);
    for (std::size_t at = key; at < end; ++at) {
      const Loaded out = load(text.substr(0, at) + '\n' + text.substr(at));
      INFO(text.substr(0, at) + '\n' + text.substr(at));
      CHECK(spell(out.sa()) == wanted);
      CHECK(out.problems().empty());
    }
  }
}

TEST_CASE("paste: flags that went to the next line still count") {
  CHECK(load(replace_all(record, "flag af-unspec esn", "flag\naf-unspec esn")).sa().esn);
  CHECK(load(replace_all(record, " esn", "\nesn")).sa().esn);
}

TEST_CASE("paste: unknown lines are told of once") {
  const Loaded out = load(record + std::string{"\tfancy-new 1\n\tother 2\n\tfancy-new 3\n"});
  CHECK(out.report.usable == 1);
  REQUIRE(out.report.problems.size() == 1);
  CHECK(out.report.problems[0].line == 7);
  CHECK_FALSE(out.report.problems[0].serious);
  CHECK(out.problems() ==
        "line beginning with \"fancy-new\" is not known and is passed over, as are 2 more unknown lines");
}

TEST_CASE("paste: messages never hold what may be a key") {
  const std::string key = "01080f161d242b323940474e555c636a71787f86";
  for (const std::string& line :
       {"\t" + key + "zz\n", "\txx" + key + "\n", "\taead 0x" + key + " 128\n", "\taead " + key + "\n",
        "\tenc cbc(aes) 0x" + key + "\n", "\tauth-trunc hmac(sha1)0x" + key + " 96\n"}) {
    const Loaded out = load("src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode transport\n" + line);
    INFO(out.problems());
    CHECK_FALSE(out.report.problems.empty());
    CHECK(out.problems().find("01080f16") == std::string::npos);
  }
  const Loaded out = load(std::string{record} + "\t\x01\x1b[31mevil" + std::string(100, 'y') + "\n");
  CHECK(out.problems().find('\x1b') == std::string::npos);
  CHECK(out.problems().size() < 150);
}

TEST_CASE("paste: a dump cut at any byte gives no more than it holds") {
  for (const char* name : {"xfrm-sample-ip610.txt", "xfrm-sample-ip610-s.txt", "xfrm-sample-ip610-o.txt"}) {
    const std::string text = text_of_file(name);
    std::size_t most = 0;
    const std::size_t ending = text.size() - 600;  // within the last record each byte, before it some of each line
    for (std::size_t size = 0; size <= text.size(); size += size < ending ? 13 : 1) {
      const std::size_t records = load_anything(text.substr(0, size));
      REQUIRE(records + 1 >= most);  // at most the last record is in doubt
      most = std::max(most, records);
    }
    CHECK(most == 10);
  }
}

TEST_CASE("paste: a file that ends within a key says so") {
  const Loaded out = load(
      "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode transport\n"
      "\tauth-trunc hmac(md5) 0x01080f161d242b323940474e555c636a 96\n\tenc cbc(aes) "
      "0x0910171e252c333a41484f565d646b72");
  CHECK(out.problems() == "the file ends within this line: the key may be cut");
}

TEST_CASE("paste: damaged dumps never do harm") {
  const auto seed = static_cast<std::uint32_t>(std::random_device{}());
  std::mt19937 random(seed);
  INFO("seed " << seed);
  const std::string alphabet = std::string("0123456789abcdefx()\\\n\t <>[]#/.:,") + '\0' + "\r\x80";
  for (const char* name : {"xfrm-sample-ip610-s.txt", "xfrm-sample-ip610-o.txt", "formats-ip610.txt"}) {
    const std::string good = text_of_file(name);
    for (int round = 0; round < 300; ++round) {
      std::string text = good;
      for (auto damage = random() % 40; damage > 0; --damage) {
        const std::size_t at = random() % text.size(), length = random() % 30;
        if (random() % 3 == 0)
          text.erase(at, length);
        else if (random() % 2 == 0)
          text.insert(at, good.substr(random() % good.size(), length));
        else
          text[at] = alphabet[random() % alphabet.size()];
      }
      load_anything(text);
    }
  }
}
