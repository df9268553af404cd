// What listings say of SAs, and that they say nothing of keys unasked.
#include "report/key_list.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "keys/export_support.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string aes_hex = "00112233445566778899aabbccddee0f", sha_hex = "5bfc0d3be9a3c1d07c2f6f19eb8a7e4d1b2c3d4e";
const std::string aes = "\tenc cbc(aes) 0x" + aes_hex + "\n";
const std::string sha1 = "\tauth-trunc hmac(sha1) 0x" + sha_hex + " 96\n";

std::string listing(std::string_view text, bool show_secrets = false) {
  const Loaded loaded = load(text);
  std::string out;
  keys::SecretOutput output(&out);
  list_keys({&loaded.report, 1}, loaded.store, show_secrets, 0, output);
  output.flush();
  return out;
}

std::string json(std::string_view text, bool show_secrets = false) {
  const Loaded loaded = load(text);
  std::string out;
  keys::SecretOutput output(&out);
  list_keys_as_json(loaded.store, show_secrets, output);
  output.flush();
  return out;
}

}  // namespace

TEST_CASE("key list: the file, then a row for each SA") {
  CHECK(listing(dump(0x1001, aes + sha1)) ==
        "keys.txt: ip xfrm state, 1 SA record, 1 usable\n"
        "\n"
        "  #  source > destination  spi         proto  mode    suite                       esn  window  keys     from\n"
        "  1  10.0.0.1 > 10.0.0.2   0x00001001  esp    tunnel  AES-CBC-128 + HMAC-SHA1/96  no       32  present  "
        "keys.txt:1\n"
        "       reqid 1\n");
}

namespace {

std::set<std::string> digits_between(const std::string& text, const std::string& start, char end) {
  std::set<std::string> out;
  for (std::size_t at = text.find(start); at != std::string::npos; at = text.find(start, at)) {
    at += start.size();
    out.insert(text.substr(at, text.find(end, at) - at));
  }
  return out;
}

// The most hexadecimal digits in a row.
std::size_t longest_hex(const std::string& text) {
  std::size_t longest = 0, length = 0;
  for (const char c : text) {
    length = std::isxdigit(static_cast<unsigned char>(c)) != 0 ? length + 1 : 0;
    longest = std::max(longest, length);
  }
  return longest;
}

}  // namespace

TEST_CASE("key list: key bytes only where they are asked for") {
  Random random;
  INFO("ESPDUMP_SEED=" << random.seed());
  const Loaded loaded = load(every_suite(random));
  for (const bool show : {false, true}) {
    std::string text, lines;
    keys::SecretOutput text_output(&text), line_output(&lines);
    list_keys({&loaded.report, 1}, loaded.store, show, 0, text_output);
    list_keys_as_json(loaded.store, show, line_output);
    text_output.flush();
    line_output.flush();
    const auto in_text = digits_between(text, " key 0x", '\n'), in_lines = digits_between(lines, "\"key\":\"", '"');
    for (const SecurityAssociation& sa : loaded.store.associations())
      for (const AlgorithmUse* use : {&sa.encryption, &sa.integrity}) {
        if (use->key.empty()) continue;
        const std::string hex = spell(*use).substr(spell(*use).rfind(' ') + 1);
        CHECK(in_text.count(hex) == (show ? 1 : 0));
        CHECK(in_lines.count(hex) == (show ? 1 : 0));
      }
    if (show) continue;
    CHECK(longest_hex(text) <= 8);  // an SPI
    CHECK(longest_hex(lines) <= 8);
  }
}

TEST_CASE("key list: the states of keys") {
  const auto says = [](const std::string& algorithms, const std::string& wanted) {
    INFO(algorithms);
    CHECK_THAT(listing(dump(1, algorithms)), Catch::Contains(wanted + "  keys.txt:1\n"));
  };
  says("\tenc cbc(aes) <<Keys hidden>>\n\tauth-trunc hmac(sha1) <<Keys hidden>> 96\n", "  hidden");
  says(aes + "\tauth-trunc hmac(sha1) <<Keys hidden>> 96\n", "  encryption present, integrity hidden");
  says("\tenc cbc(aes) 0x" + std::string(32, '0') + "\n" + sha1, "  encryption all zeros, integrity present");
  says("\tenc cbc(aes) 0x00\n" + sha1, "encryption unusable: missing, cut or of a wrong length, integrity present");
  says("\tenc cbc(nosuch) 0x00\n" + sha1, "encryption unusable: unknown algorithm, integrity present");
  says("\tenc ecb(cipher_null) \n\tauth-trunc digest_null  0\n", "  no key");
}

TEST_CASE("key list: weak and shared keys") {
  const std::string weak = listing(dump(1, replace_all(aes, aes_hex, std::string(32, '7')) + sha1) +
                                   dump(2, replace_all(aes, "ee0f", "ee10") + sha1));
  CHECK_THAT(weak, Catch::Contains("WEAK: the encryption key is one byte over and over\n"));
  CHECK_THAT(weak, Catch::Contains("SHARED: the integrity key is also in #1\n"));
  const std::string both = listing(dump(1, aes + "\tauth-trunc hmac(md5) 0x" + aes_hex + " 96\n"));
  CHECK_THAT(both, Catch::Contains("SHARED: the integrity key is the encryption key of this SA, too\n"));
}

TEST_CASE("key list: an SA that both ends of a NAT show shares its keys with nobody") {
  const std::string sa = dump(1, aes + sha1);
  CHECK(listing(sa + replace_all(sa, "10.0.0.2", "192.0.2.2")).find("SHARED") == std::string::npos);
  CHECK_THAT(listing(sa + "src 10.0.0.2 dst 10.0.0.1" + sa.substr(sa.find('\n'))), Catch::Contains("SHARED"));
}

TEST_CASE("key list: what else a dump says") {
  const std::string text = listing(dump(1,
                                        "\tmark 0x10/0xff \n\tif_id 0x2a\n\tencap type espinudp sport 4500 dport 0 "
                                        "addr 0.0.0.0\n\tsel src 10.0.0.0/8 dst 10.1.0.0/16 proto tcp dport 80\n" +
                                            aes + sha1));
  CHECK_THAT(text, Catch::Contains("       in UDP, ports 4500 > any; selector 10.0.0.0/8 > 10.1.0.0/16, protocol 6, "
                                   "ports any > 80; reqid 1; mark 0x10/0xff; if_id 0x2a\n"));
  const std::string row = R"("IPv4","*","10.0.0.0/8","0x12******","NULL","","NULL","")";
  const std::string stars = listing(row);
  CHECK_THAT(stars, Catch::Contains("* > 10.0.0.0/8") && Catch::Contains("0x12000000/0xff000000"));
}

TEST_CASE("key list: SAs that a monitor saw end") {
  const std::string sa = dump(1, aes + sha1);
  CHECK_THAT(listing("Updated " + sa + "Deleted " + sa), Catch::Contains("\n       deleted\n"));
  CHECK_THAT(json("Updated " + sa + "Deleted " + sa), Catch::Contains("\"ending\":\"deleted\""));
}

TEST_CASE("key list: no SA, no table") {
  Keystore store;
  const ImportReport report{"p.txt", "ip xfrm policy", 2, 0, 0, {}};
  std::string out;
  keys::SecretOutput output(&out);
  list_keys({&report, 1}, store, false, 0, output);
  output.flush();
  CHECK(out == "p.txt: ip xfrm policy, 2 policies\n");
}

TEST_CASE("key list: IKE SAs follow") {
  const std::string d = "000102030405060708090a0b0c0d0e0f10111213", e = "202122232425262728292a2b2c2d2e2f";
  const std::string a = "303132333435363738393a3b3c3d3e3f40414243", f = "505152535455565758595a5b5c5d5e5f";
  const std::string row = "1122334455667788,99aabbccddeeff00," + e + "," + f + ",\"AES-CBC-128 [RFC3602]\"," + a + "," +
                          a + ",\"HMAC_SHA1_96 [RFC2404]\"," + d + "\n";
  CHECK(listing(row) ==
        "keys.txt: ikev2_decryption_table, 1 IKE SA\n"
        "\n"
        "  #  initiator's SPI   responder's SPI   IKE suite                   prf  keys                          from\n"
        "  1  1122334455667788  99aabbccddeeff00  AES-CBC-128 + HMAC-SHA1/96  -    SK_d SK_ai SK_ar SK_ei SK_er  "
        "keys.txt:1\n");
  CHECK_THAT(listing(row, true),
             Catch::Contains("       SK_d 0x" + d + "\n") && Catch::Contains("       SK_er 0x" + f + "\n"));
  const std::string wanted =
      "{'type':'ike_keys','id':1,'spi_i':'1122334455667788','spi_r':'99aabbccddeeff00','encryption':'cbc(aes)',"
      "'integrity':'hmac(sha1)','icv_bits':96,'keys':{'SK_d':{'bits':160},'SK_ai':{'bits':160},'SK_ar':{'bits':160},"
      "'SK_ei':{'bits':128},'SK_er':{'bits':128}},'file':'keys.txt','line':1}\n";
  CHECK(json(row) == replace_all(wanted, "'", "\""));
  CHECK_THAT(json(row, true), Catch::Contains("\"SK_ei\":{\"bits\":128,\"key\":\"" + e + "\"}"));
  const std::string both = listing(dump(0x1001, aes + sha1) + row);
  CHECK_THAT(both, Catch::Contains("1 SA record, 1 usable, 1 IKE SA\n") && Catch::Contains("\n  1  10.0.0.1 >"));
}

TEST_CASE("key list: what is not known of an IKE SA") {
  const std::string log =
      "11[IKE] Sk_ei secret => 16 bytes @ 0x1\n11[IKE]    0: 24 25 26 27 28 29 2A 2B 2C 2D 2E 2F 30 31 32 33  ....\n"
      "11[IKE] Sk_er secret => 16 bytes @ 0x1\n11[IKE]    0: 25 26 27 28 29 2A 2B 2C 2D 2E 2F 30 31 32 33 34  ....\n";
  CHECK_THAT(listing(log), Catch::Contains("  1  -                -                not given  -    SK_ei SK_er  "));
  CHECK_THAT(json(log), Catch::StartsWith(R"({"type":"ike_keys","id":1,"keys":{"SK_ei":)"));
}

TEST_CASE("key list: JSON has one object for each SA") {
  const std::string wanted =
      "{'type':'sa','id':1,'src':'10.0.0.1','dst':'10.0.0.2','spi':'0x00001001','protocol':'esp','mode':'tunnel',"
      "'encryption':'cbc(aes)','integrity':'hmac(sha1)','icv_bits':96,'keys':{'encryption':{'state':'present',"
      "'bits':128,'key':'" +
      aes_hex + "'},'integrity':{'state':'present','bits':160,'key':'" + sha_hex +
      "'}},'esn':false,'replay_window':32,'reqid':1,'file':'keys.txt','line':1}\n";
  CHECK(json(dump(0x1001, aes + sha1), true) == replace_all(wanted, "'", "\""));
  CHECK_THAT(json(dump(1, "\tenc cbc(aes) 0x" + std::string(32, '7') + "\n" + sha1)),
             Catch::Contains("\"weak\":\"is one byte over and over\""));
}
