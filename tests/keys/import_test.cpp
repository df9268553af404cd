// What is a key file and what is not.
#include <cstdio>
#include <filesystem>

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::string refusal(std::string_view text) {
  Keystore store;
  const auto report = store.import_text("given", bytes_of(text));
  REQUIRE_FALSE(report);
  CHECK(report.error().file == "given");
  return report.error().text;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("import: a file is read by its name") {
  Keystore store;
  const auto report = store.import_file(testdata("keys/xfrm-sample-ip610.txt"));
  REQUIRE(report);
  CHECK(report->file == testdata("keys/xfrm-sample-ip610.txt"));
  CHECK(report->records == 10);
}

TEST_CASE("import: files that cannot be opened") {
  Keystore store;
  CHECK(store.import_file("/nonexistent/xfrm.txt").error().to_string() == "/nonexistent/xfrm.txt: no such file");
  CHECK(store.import_file("/").error().to_string() == "/: is a directory");
}

TEST_CASE("import: an empty file says how to take a dump") {
  CHECK(holds(refusal(""), "holds no key material: "));
  CHECK(holds(refusal(""), "sudo ip xfrm state > xfrm.txt"));
  CHECK(holds(refusal(" \r\n\t\n"), "it is empty"));
}

TEST_CASE("import: what is given by mistake is named") {
  CHECK(refusal(std::string_view{"\xd4\xc3\xb2\xa1\x02\x00", 6}) ==
        "is a capture, not a key file; keys come from `sudo ip xfrm state > xfrm.txt`");
  CHECK(refusal("\x0a\x0d\x0d\x0a....") ==
        "is a capture, not a key file; keys come from `sudo ip xfrm state > xfrm.txt`");
  CHECK(holds(refusal("\x1f\x8b...."), "gzip"));
  CHECK(holds(refusal("\xff\xfes"), "UTF-16"));
  CHECK(holds(refusal("src 10.0.1.0/24 dst 10.0.2.0/24 \n\tdir out priority 375423 ptype main \n\ttmpl src 192.0.2.1 "
                      "dst 198.51.100.7\n"
                      "\t\tproto esp spi 0x12 reqid 1 mode tunnel\n"),
              "ip xfrm policy"));
  CHECK(holds(refusal("RTNETLINK answers: Operation not permitted\n"), "not permitted"));
  CHECK(holds(refusal("hello world\n"), "ip xfrm state"));
  CHECK(holds(refusal("src of the river dst\n"), "ip xfrm monitor"));
  CHECK(holds(refusal(std::string_view{"ab\0cd", 5}), "not text"));
}

TEST_CASE("import: policies and events beside SAs are passed over") {
  const Loaded out = load(
      "Flushed state proto esp\nAsync event  (0x10)  replay update \n\tsrc 1.1.1.1 dst 2.2.2.2  reqid 0x1 protocol esp "
      " SPI 0x1\n"
      "src 10.0.1.0/24 dst 10.0.2.0/24 \n\tdir out priority 3 ptype main \n\ttmpl src 192.0.2.1 dst 198.51.100.7\n"
      "\t\tproto esp spi 0x12 reqid 1 mode tunnel\n"
      "Updated src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode transport\n"
      "\tauth-trunc hmac(md5) 0x01080f161d242b323940474e555c636a 96\n\tenc ecb(cipher_null) \n"
      "Expired src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode transport\n\treplay-window 0 "
      "\n\thard 1\n"
      "acquire proto esp \n  sel src 10.0.1.5/32 dst 10.0.2.9/32 proto icmp \n  policy src 10.0.1.0/24 dst 10.0.2.0/24 "
      "\n"
      "    \tdir out priority 3 \n\nMapping change 1.2.3.4:5 -> 1.2.3.4:6\n\tdst 10.0.0.2  reqid 0x1 protocol esp  SPI "
      "0x1\n");
  CHECK(out.report.format == "ip xfrm monitor");
  CHECK((out.report.records == 1 && out.report.usable == 1 && out.report.problems.empty()));
}

TEST_CASE("import: SAs that cannot be made out are problems, not the end") {
  const Loaded out = load(
      "src gw-a dst gw-b\n\tproto esp spi 0x00001001 reqid 1 mode transport\n\tenc ecb(cipher_null) \n"
      "src 10.0.0.1 dst 10.0.0.2\n\treplay-window 0 \n"
      "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi wrong reqid 1 mode transport\n\tenc ecb(cipher_null) \n"
      "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode transport\n\tenc ecb(cipher_null) \n"
      "\tproto esp spi 0x00001002 reqid 1 mode transport\n\tenc ecb(cipher_null) \n"
      "src 10.0.0.1 dst 10.0.0.2\n\tproto ah spi 0x00001003 reqid 1 mode transport\n\tenc ecb(cipher_null) \n");
  CHECK((out.report.records == 2 && out.report.usable == 1));
  REQUIRE(out.report.problems.size() == 5);
  const std::size_t lines[] = {1, 4, 6, 12, 14};
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(out.report.problems[i].line == lines[i]);
    CHECK(out.report.problems[i].serious);
  }
}

TEST_CASE("import: a flood of problems is cut") {
  std::string text;
  for (int i = 0; i < 5000; ++i)
    text += "src 10.0.0.1 dst 10.0.0.2\n\tproto esp spi 0x00001001 reqid 1 mode transport\n\tenc what 0x00\n";
  const Loaded out = load(text);
  CHECK(out.report.records == 5000);
  CHECK(out.store.associations().size() == 1);
  CHECK(out.report.problems.size() == 1001);
  CHECK(out.report.problems.back().text == "4000 more problems in this file are not listed");
}
