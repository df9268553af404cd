// Rows of Wireshark's ikev2_decryption_table, with and without a column for SK_d.
#include "keys/ike_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// So many bytes that count up.
std::string key(unsigned first, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out += fmt::format("{:02x}", (first + i) & 0xff);
  return out;
}

const std::string spis = "1122334455667788,99aabbccddeeff00,";

std::string row(const std::string& cipher, std::size_t cipher_bytes, const std::string& integrity,
                std::size_t integrity_bytes, const std::string& more = {}) {
  return spis + key(0x10, cipher_bytes) + "," + key(0x50, cipher_bytes) + ",\"" + cipher + "\"," +
         key(0x90, integrity_bytes) + "," + key(0xa0, integrity_bytes) + ",\"" + integrity + "\"" + more + "\n";
}

const std::string cbc = row("AES-CBC-128 [RFC3602]", 16, "HMAC_SHA2_256_128 [RFC4868]", 32);
const std::string gcm = row("AES-GCM-256 with 16 octet ICV [RFC5282]", 36, "NONE [RFC4306]", 0);

}  // namespace

TEST_CASE("ikev2_decryption_table: a row has the keys of both directions and their algorithms") {
  const Loaded out = load("# written by strongSwan\n" + cbc + gcm);
  CHECK(out.report.format == "ikev2_decryption_table");
  CHECK((out.report.records == 0 && out.report.ike_keys == 2 && out.report.problems.empty()));
  CHECK(spell(ike(out)) == "1122334455667788 99aabbccddeeff00 cbc(aes)/0/16 hmac(sha256)/128/32 named | d  a " +
                               key(0x90, 32) + " " + key(0xa0, 32) + " e " + key(0x10, 16) + " " + key(0x50, 16));
  CHECK(spell(ike(out, 1)) == "1122334455667788 99aabbccddeeff00 rfc4106(gcm(aes))/128/36 -/0/0 named | d  a   e " +
                                  key(0x10, 36) + " " + key(0x50, 36));
  CHECK((ike(out).prf == Prf::unknown && ike(out).file == "keys.txt" && ike(out).line == 2));
}

TEST_CASE("ikev2_decryption_table: a ninth column has SK_d") {
  const Loaded out = load(row("AES-CBC-128 [RFC3602]", 16, "HMAC_SHA1_96 [RFC2404]", 20, "," + key(1, 20)));
  CHECK(hex_of(ike(out).sk_d) == key(1, 20));
  CHECK(out.report.problems.empty());
  const Loaded odd = load(row("AES-CBC-128 [RFC3602]", 16, "HMAC_SHA1_96 [RFC2404]", 20, "," + key(1, 21)));
  CHECK((ike(odd).sk_d.empty() && ike(odd).sk_ei.size() == 16));
  CHECK(holds(odd.problems(), "SK_d has 21 bytes"));
}

TEST_CASE("ikev2_decryption_table: every name that Wireshark has") {
  const std::pair<const char*, std::size_t> integrities[] = {
      {"HMAC_MD5_96 [RFC2403]", 16},
      {"HMAC_SHA1_96 [RFC2404]", 20},
      {"HMAC_MD5_128 [RFC4595]", 16},
      {"HMAC_SHA1_160 [RFC4595]", 20},
      {"HMAC_SHA2_256_128 [RFC4868]", 32},
      {"HMAC_SHA2_256_96 [draft-ietf-ipsec-ciph-sha-256-00]", 32},
      {"HMAC_SHA2_384_192 [RFC4868]", 48},
      {"HMAC_SHA2_512_256 [RFC4868]", 64},
      {"ANY 64-bits of Authentication [No Checking]", 0},
      {"ANY 256-bits of Authentication [No Checking]", 0},
      {"NONE [RFC4306]", 0}};
  const std::pair<std::string, std::size_t> ciphers[] = {
      {"3DES [RFC2451]", 24}, {"AES-CBC-{} [RFC3602]", 0}, {"AES-CTR-{} [RFC5930]", 4}};
  for (const unsigned bits : {128, 192, 256}) {
    for (const auto& [cipher, salt] : ciphers)
      for (const auto& [integrity, bytes] : integrities) {
        const std::size_t size = salt == 24 ? 24 : bits / 8 + salt;
        const Loaded out = load(row(replace_all(cipher, "{}", std::to_string(bits)), size, integrity, bytes));
        CHECK((out.report.ike_keys == 1 && out.report.problems.empty() && ike(out).names_algorithms));
        CHECK((ike(out).encryption.icv_bits == 0 && (bytes == 0) == (ike(out).integrity.info == nullptr)));
      }
    for (const unsigned octets : {8, 12, 16})
      for (const auto& [name, salt] : {std::pair{"GCM", 4U}, std::pair{"CCM", 3U}}) {
        const Loaded out = load(row(fmt::format("AES-{}-{} with {} octet ICV [RFC5282]", name, bits, octets),
                                    bits / 8 + salt, "NONE [RFC4306]", 0));
        CHECK((out.report.problems.empty() && ike(out).encryption.icv_bits == octets * 8));
        CHECK(ike(out).encryption.key_size == bits / 8 + salt);
      }
  }
}

TEST_CASE("ikev2_decryption_table: an ICV that nobody can check has a length") {
  const Loaded out = load(row("AES-CBC-256 [RFC3602]", 32, "ANY 96-bits of Authentication [No Checking]", 0));
  CHECK(spell_names(ike(out)) == "cbc(aes)/0/32 -/96/0 named");
  const Loaded aead =
      load(row("AES-GCM-128 with 8 octet ICV [RFC5282]", 20, "ANY 128-bits of Authentication [No Checking]", 0));
  CHECK(spell_names(ike(aead)) == "rfc4106(gcm(aes))/64/20 -/0/0 named");
}

TEST_CASE("ikev2_decryption_table: prefixes, quotation marks and capitals are taken, too") {
  std::string odd = "  \"0x1122334455667788\" , 0x99AABBCCDDEEFF00, 0x" + key(0x10, 16) + ",\"0x" + key(0x50, 16) +
                    "\",\"aes-cbc-128 [rfc3602]\",\"" + key(0x90, 32) + "\"," + key(0xa0, 32) +
                    ",\"HMAC_SHA2_256_128 [RFC4868]\"\r\n";
  CHECK(spell(load(odd).store.ike_keys()) == spell(load(cbc).store.ike_keys()));
}

TEST_CASE("ikev2_decryption_table: rows that cannot be used cost themselves only") {
  const std::string bad_rows[] = {
      spis + key(1, 16) + "," + key(2, 16) + ",\"AES-CBC-128 [RFC3602]\"," + key(3, 32),
      "1122334455667788,99aabbccddeeff0g," + key(1, 16) + "," + key(2, 16) + ",\"AES-CBC-128 [RFC3602]\",,,\"NONE\"",
      spis + "zz" + key(1, 15) + "," + key(2, 16) + ",\"AES-CBC-128 [RFC3602]\",,,\"NONE [RFC4306]\"",
      spis + key(1, 16) + "," + key(2, 16).substr(1) + ",\"AES-CBC-128 [RFC3602]\",,,\"NONE [RFC4306]\"",
      spis + key(1, 16) + "," + key(2, 20) + ",\"AES-CBC-128 [RFC3602]\",,,\"NONE [RFC4306]\"",
      row("AES-CBC-256 [RFC3602]", 16, "HMAC_SHA1_96 [RFC2404]", 20),
      row("AES-CBC-128 [RFC3602]", 16, "HMAC_SHA1_96 [RFC2404]", 32),
      row("AES-GCM-128 with 16 octet ICV [RFC5282]", 16, "NONE [RFC4306]", 0),
      row("AES-GCM-128 with 16 octet ICV [RFC5282]", 20, "NONE [RFC4306]", 20),
      row("AES-CBC-128 [RFC3602]", 0, "NONE [RFC4306]", 0)};
  const char* why[] = {"is cut",
                       "responder's SPI",
                       "SK_ei is not hex",
                       "SK_er is not hex",
                       "differ in length",
                       "SK_e has 16 bytes",
                       "SK_a has 32 bytes",
                       "SK_e has 16 bytes",
                       "has no use for",
                       "no keys"};
  std::string text = cbc;
  for (const std::string& bad : bad_rows) text += bad + "\n";
  const Loaded out = load(replace_all(text, "\n\n", "\n"));
  CHECK(out.report.ike_keys == 1);
  REQUIRE(out.report.problems.size() == std::size(why));
  for (std::size_t i = 0; i < std::size(why); ++i) {
    INFO(bad_rows[i]);
    CHECK_THAT(out.report.problems[i].text, Catch::Contains(why[i]) && Catch::EndsWith("; IKE SA left out"));
    CHECK((out.report.problems[i].line == i + 2 && out.report.problems[i].serious));
  }
  check_silence(out.report, text);
}

TEST_CASE("ikev2_decryption_table: of unknown algorithms the keys are kept, for what the exchange says") {
  const Loaded out =
      load(row("ROT-13 [RFC0000]", 16, "HMAC_SHA1_96 [RFC2404]", 20) + row("AES-CBC-128 [RFC3602]", 16, "CRC-32", 4));
  CHECK((out.report.ike_keys == 2 && out.report.problems.size() == 2));
  CHECK(holds(out.problems(), "unknown algorithm \"ROT-13"));
  CHECK(holds(out.problems(), "unknown algorithm \"CRC-32\""));
  CHECK_FALSE(out.report.problems[0].serious);
  CHECK(spell_names(ike(out)) == "-/0/0 -/0/0 unnamed");
}

TEST_CASE("ikev2_decryption_table: rows for IKEv1 are told from those for IKEv2") {
  const Loaded out = load("1122334455667788," + key(1, 16) + "\n1122334455667799," + key(1, 16) + "\n");
  CHECK((out.report.ike_keys == 0 && out.report.problems.size() == 1));
  CHECK(holds(out.problems(), "IKEv1"));
}

TEST_CASE("ikev2_decryption_table: a row stands once, with what others add") {
  const std::string with_d = cbc.substr(0, cbc.size() - 1) + "," + key(1, 32) + "\n";
  const Loaded out = load(cbc + with_d + cbc);
  CHECK(out.report.ike_keys == 1);
  REQUIRE(out.store.ike_keys().size() == 1);
  CHECK(hex_of(ike(out).sk_d) == key(1, 32));
}

TEST_CASE("ikev2_decryption_table: a hundred thousand rows are bounded") {
  std::string text;
  for (unsigned i = 0; i < 100000; ++i)
    text += fmt::format("{:016x},{:016x},{:032x},{:032x},\"AES-CBC-128 [RFC3602]\",,,\"NONE [RFC4306]\"\n", i + 1,
                        i + 1, i + 1, i + 2);
  const Loaded out = load(text);
  CHECK((out.report.ike_keys == 65536 && out.store.ike_keys().size() == 65536));
  CHECK((out.report.problems.size() == 1 && holds(out.problems(), "more than 65536 IKE SAs")));
}

TEST_CASE("ikev2_decryption_table: rows whose keys repeat under other SPIs are bounded") {
  std::string text;
  for (unsigned i = 0; i < 100000; ++i)
    text += fmt::format("{:016x},{:016x},{:032x},{:032x},\"AES-CBC-128 [RFC3602]\",,,\"NONE [RFC4306]\"\n", i + 1,
                        i + 1, 1, 2);
  const Loaded out = load(text);
  CHECK((out.report.ike_keys == 8 && out.report.problems.size() == 1001));
}

TEST_CASE("ikev2_decryption_table: cut anywhere it is read or told, and shows no key") {
  const std::string whole =
      cbc + row("AES-GCM-256 with 16 octet ICV [RFC5282]", 36, "NONE [RFC4306]", 0, "," + key(7, 48));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Keystore store;
    const std::string text = "#,\n" + whole.substr(0, size);
    const auto report = store.import_text("cut", bytes_of(text));
    if (!report) continue;
    check_silence(*report, text);
    CHECK(store.ike_keys().size() <= 2);
  }
}
