// Keys out of strongSwan's log.
#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// A log of one exchange with its lines behind a prefix.
std::string log(std::string_view prefix, std::string_view kind) {
  std::string out;
  const auto line = [&](std::string_view group, std::string_view text) {
    out.append(prefix).append("[").append(group).append("] <lab|1> ").append(text).append("\n");
  };
  line("ENC", "parsed IKE_AUTH " + std::string{kind} + " 1 [ IDr AUTH SA TSi TSr ]");
  line("CFG", "selected proposal: ESP:AES_CBC_128/HMAC_SHA1_96/EXT_SEQ");
  line("CHD", "  using AES_CBC for encryption");
  line("CHD", "  using HMAC_SHA1_96 for integrity");
  line("CHD", "encryption initiator key => 16 bytes @ 0x7f0000001000");
  line("CHD", "   0: 10 11 12 13 14 15 16 17 18 19 1A 1B 1C 1D 1E 1F  ................");
  line("CHD", "encryption responder key => 16 bytes @ 0x7f0000001010");
  line("CHD", "   0: 20 21 22 23 24 25 26 27 28 29 2A 2B 2C 2D 2E 2F   !\"#$%&'()*+,-./");
  line("CHD", "integrity initiator key => 20 bytes @ 0x7f0000001020");
  line("CHD", "   0: 30 31 32 33 34 35 36 37 38 39 3A 3B 3C 3D 3E 3F  0123456789:;<=>?");
  line("CHD", "  16: 40 41 42 43                                      @ABC");
  line("CHD", "integrity responder key => 20 bytes @ 0x7f0000001040");
  line("CHD", "   0: 50 51 52 53 54 55 56 57 58 59 5A 5B 5C 5D 5E 5F  PQRSTUVWXYZ[\\]^_");
  line("CHD", "  16: 60 61 62 63                                      `abc");
  line("CHD", "adding inbound ESP SA");
  line("CHD", "  SPI 0x00001001, src 10.0.0.2 dst 10.0.0.1");
  line("CHD", "adding outbound ESP SA");
  line("CHD", "  SPI 0x00001002, src 10.0.0.1 dst 10.0.0.2");
  return out;
}

}  // namespace

TEST_CASE("charon log: who began the exchange decides whose keys are whose") {
  const Loaded ours = load(log("Nov 20 15:44:07 11", "response")), theirs = load(log("11", "request"));
  CHECK(ours.report.format == "charon log");
  CHECK((ours.report.records == 2 && ours.report.usable == 2 && ours.report.problems.empty()));
  CHECK(
      spell(ours.sa(0)) ==
      "10.0.0.2 > 10.0.0.1 esp 4097 unknown reqid 0 | cbc(aes) 0 0 202122232425262728292a2b2c2d2e2f | hmac(sha1) 96 0 "
      "505152535455565758595a5b5c5d5e5f60616263 esn window 0 encap 0 0 0 mark 0/0 if 0 sel 0");
  CHECK(key_bytes(ours.sa(1).encryption.key) == unhex("101112131415161718191a1b1c1d1e1f"));
  CHECK(key_bytes(ours.sa(1).integrity.key) == unhex("303132333435363738393a3b3c3d3e3f40414243"));
  CHECK(key_bytes(theirs.sa(0).encryption.key) == key_bytes(ours.sa(1).encryption.key));
  CHECK(key_bytes(theirs.sa(1).integrity.key) == key_bytes(ours.sa(0).integrity.key));
}

TEST_CASE("charon log: threads that write among each other are kept apart") {
  const std::string one = log("11", "response"),
                    two = replace_all(replace_all(log("12", "request"), "0x0000100", "0x0000200"), "10.0.0", "10.9.9");
  std::string mixed;
  std::size_t a = 0, b = 0;
  while (a < one.size() || b < two.size()) {
    for (auto [text, at] : {std::pair{&one, &a}, std::pair{&two, &b}}) {
      const std::size_t end = std::min(text->find('\n', *at), text->size() - 1);
      if (*at < text->size()) mixed += text->substr(*at, end + 1 - *at);
      *at = std::min(end + 1, text->size());
    }
  }
  const Loaded out = load(mixed);
  CHECK(out.report.usable == 4);
  for (const auto& text : {spell(load(one).store), spell(load(two).store)})
    for (const std::string& sa : text) {
      const auto all = spell(out.store);
      CHECK(std::find(all.begin(), all.end(), sa) != all.end());
    }
}

TEST_CASE("charon log: a real one gives the keys of all its CHILD_SAs") {
  const Loaded out = load(text_of_file("ikev2-psk-rekey-charon.log"));
  CHECK((out.report.records == 6 && out.report.usable == 6));
  for (const auto& problem : out.report.problems) CHECK_FALSE(problem.serious);
}

TEST_CASE("charon log: what it leaves out is said") {
  const std::string whole = log("11", "response");
  const Loaded no_role = load(whole.substr(whole.find('\n') + 1));
  CHECK((no_role.report.records == 0 && no_role.report.problems.size() == 2));
  CHECK(holds(no_role.problems(), "which side began"));
  const Loaded cut =
      load(replace_all(whole, "11[CHD] <lab|1>   16: 60 61 62 63                                      `abc\n", ""));
  CHECK((cut.report.records == 2 && cut.report.usable == 1));
  CHECK(holds(cut.problems(), "the whole key of HMAC_SHA1_96"));
  const Loaded odd = load(replace_all(whole, "using AES_CBC ", "using ROT_13 "));
  CHECK(holds(odd.problems(), "unknown algorithm \"ROT_13\""));
}

TEST_CASE("charon log: one without keys is no key file") {
  Keystore store;
  const auto report = store.import_text("x", bytes_of("11[IKE] <lab|1> IKE_SA lab[1] established between a...b\n"));
  REQUIRE_FALSE(report);
  CHECK(holds(report.error().text, "chd = 4"));
}
