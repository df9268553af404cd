// Rows of esp_sa: what Wireshark can use goes round through our own importer; of the rest it is said why not.
#include "keys/export_wireshark.hpp"

#include <map>

#include "keys/algorithm_names.hpp"
#include "keys/export_support.hpp"

using namespace espdump;
using namespace espdump::test;
using keys::export_wireshark;

namespace {

const std::string aes = "\tenc cbc(aes) 0x000102030405060708090a0b0c0d0e0f\n";
const std::string sha1 = "\tauth-trunc hmac(sha1) 0x000102030405060708090a0b0c0d0e0f10111213 96\n";

std::string left_out(std::string_view text) {
  const Exported out = exported(export_wireshark, text);
  CHECK(out.text.empty());
  CHECK_THAT(out.said(), Catch::EndsWith("; SA left out"));
  return out.said();
}

std::string of_esp_sa(const SecurityAssociation& sa) { return spell(sa.encryption) + " | " + spell(sa.integrity); }

}  // namespace

TEST_CASE("export to Wireshark: a row is as Wireshark saves it") {
  const Exported out = exported(export_wireshark, dump(0x1001, aes + sha1));
  CHECK(out.text ==
        R"("IPv4","10.0.0.1","10.0.0.2","0x00001001","AES-CBC [RFC3602]","0x000102030405060708090a0b0c0d0e0f",)"
        R"("HMAC-SHA-1-96 [RFC2404]","0x000102030405060708090a0b0c0d0e0f10111213")"
        "\n");
  CHECK(out.notes.empty());
  const Exported null = exported(export_wireshark, dump(1, "\tauth-trunc digest_null  0\n\tenc ecb(cipher_null) \n"));
  CHECK_THAT(null.text, Catch::EndsWith(",\"NULL\",\"\",\"NULL\",\"\"\n"));
}

TEST_CASE("export to Wireshark: every suite either goes round or is told") {
  Random random;
  INFO("ESPDUMP_SEED=" << random.seed());
  const Loaded first = load(every_suite(random));
  const Exported out = exported(export_wireshark, first.store.associations());
  const Loaded second = load(out.text);
  std::map<std::size_t, std::string> notes;
  for (const ImportProblem& note : out.notes) notes[note.line] += note.text;
  std::size_t same = 0, unchecked = 0;
  for (const SecurityAssociation& sa : first.store.associations()) {
    const auto found = second.store.find(sa.destination, sa.protocol, sa.spi);
    const std::string note = notes[sa.line];
    INFO(suite_name(sa) << ": " << note);
    if (found.empty()) {
      CHECK(note.find("; SA left out") != std::string::npos);
      continue;
    }
    const SecurityAssociation& other = second.store.associations()[found[0]];
    const bool lacks_check = note.find("only decrypts") != std::string::npos;
    if (lacks_check) {
      CHECK(spell(other.encryption) == spell(sa.encryption));
      CHECK((other.integrity.state == KeyState::hidden && other.integrity.icv_bits == sa.integrity.icv_bits));
    } else if (makes_icv(sa.integrity)) {
      CHECK(of_esp_sa(other) == of_esp_sa(sa));
    }
    ++(lacks_check ? unchecked : same);
  }
  CHECK(same > 20);
  CHECK(unchecked > 5);
}

TEST_CASE("export to Wireshark: rows that leave something open go round") {
  const std::string rest = R"("AES-CBC [RFC3602]","0x000102030405060708090a0b0c0d0e0f","NULL","")"
                           "\n";
  for (const char* ids : {R"("IPv4","*","*","*",)", R"("IPv6","2001:db8::/32","2001:db8::1","0x12****ab",)",
                          R"("IPv4","*","10.0.0.0/8","0x00001001",)"}) {
    INFO(ids);
    const Loaded first = load(ids + rest);
    const Exported out = exported(export_wireshark, first.store.associations());
    const Loaded second = load(out.text);
    CHECK(spell(second.sa()) == spell(first.sa()));
    CHECK(second.sa().wildcards == first.sa().wildcards);
  }
}

TEST_CASE("export to Wireshark: a row that leaves both addresses open is written for both families") {
  const Exported out = exported(export_wireshark, R"("IPv6","*","*","0x00001001","NULL","","NULL","")"
                                                  "\n");
  const std::string rest = R"("*","*","0x00001001","NULL","","NULL","")";
  CHECK(out.text == "\"IPv4\"," + rest + "\n\"IPv6\"," + rest + "\n");
  CHECK(out.notes.empty());
}

TEST_CASE("export to Wireshark: ESN has a column of its own") {
  const Exported out =
      exported(export_wireshark, dump(1, "\treplay-window 32 flag esn\n" + aes + sha1) + dump(2, aes + sha1));
  CHECK_THAT(out.text, Catch::Contains("\",\"64-bit\"\n\"IPv4\""));
  CHECK_THAT(out.said(), Catch::Contains("ESN"));
  CHECK(load(out.text).sa().esn);
}

TEST_CASE("export to Wireshark: what it cannot do is said and left out") {
  CHECK_THAT(left_out(dump(1, sha1, "ah")), Catch::Contains("AH"));
  CHECK_THAT(left_out(dump(1, sha1)), Catch::Contains("no cipher"));
  CHECK_THAT(left_out(dump(1, "\tenc cbc(aes) <<Keys hidden>>\n" + sha1)), Catch::Contains("hidden"));
  CHECK_THAT(left_out(dump(1, "\tenc cbc(aes) 0x00\n" + sha1)), Catch::Contains("cannot be used"));
  CHECK_THAT(left_out(dump(1, "\tenc cbc(serpent) 0x000102030405060708090a0b0c0d0e0f\n" + sha1)),
             Catch::Contains("no Serpent-CBC"));
  CHECK_THAT(left_out(dump(1, "\tenc cbc(blowfish) 0x0001020304050607080910\n" + sha1)),
             Catch::Contains("no Blowfish-CBC with keys of 88 bits"));
  CHECK_THAT(left_out(dump(1, "\tenc cbc(twofish) 0x" + std::string(48, '7') + "\n" + sha1)),
             Catch::Contains("no Twofish-CBC with keys of 192 bits"));
  CHECK_THAT(left_out(dump(1, aes + replace_all(sha1, " 96", " 160"))), Catch::Contains("no ICV of 160 bits"));
}

TEST_CASE("export to Wireshark: what it does in part, or not in every version, is said") {
  const auto said = [](const std::string& text) {
    const Exported out = exported(export_wireshark, text);
    CHECK_FALSE(out.text.empty());
    CHECK(load(out.text).store.associations().size() == load(text).store.associations().size());
    return out.said();
  };
  CHECK_THAT(said(dump(1, aes + "\tauth-trunc hmac(sha1) <<Keys hidden>> 96\n")), Catch::Contains("only decrypts"));
  const std::string key = "0x" + std::string(72, '7');
  CHECK_THAT(said(dump(1, "\taead rfc7539esp(chacha20,poly1305) " + key + " 128\n")), Catch::Contains("4.0"));
  const std::string beet =
      replace_all(dump(1, "\tsel src 10.1.0.1/32 dst 10.2.0.1/32\n" + aes + sha1), "tunnel", "beet");
  CHECK_THAT(said(beet), Catch::Contains("BEET"));
  CHECK_THAT(said(dump(1, aes + sha1) + dump(1, replace_all(aes, "0001", "ffff") + sha1)),
             Catch::Contains("earlier row"));
}
