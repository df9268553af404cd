// Rows of Wireshark's esp_sa, with all that they may leave open.
#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string cbc = R"("AES-CBC [RFC3602]","0x000102030405060708090a0b0c0d0e0f")";
const std::string sha1 = R"("HMAC-SHA-1-96 [RFC2404]","0x000102030405060708090a0b0c0d0e0f10111213")";

std::string row(const std::string& addresses, const std::string& algorithms) {
  return addresses + "," + algorithms + "\n";
}
const std::string ids = R"("IPv4","10.0.0.1","10.0.0.2","0x00001001")";

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("esp_sa: a row with exact addresses is an SA of unknown mode") {
  const Loaded out = load(row(ids, cbc + "," + sha1));
  CHECK(out.report.format == "esp_sa");
  CHECK(out.report.problems.empty());
  CHECK(
      spell(out.sa()) ==
      "10.0.0.1 > 10.0.0.2 esp 4097 unknown reqid 0 | cbc(aes) 0 0 000102030405060708090a0b0c0d0e0f | hmac(sha1) 96 0 "
      "000102030405060708090a0b0c0d0e0f10111213 window 0 encap 0 0 0 mark 0/0 if 0 sel 0");
  CHECK_FALSE(out.sa().wildcards);
  CHECK(out.store.find(out.sa().destination, IpsecProtocol::esp, 0x1001).size() == 1);
}

TEST_CASE("esp_sa: the length of sequence numbers, comments and spaces") {
  const std::string text = "# made by hand\n\n#" + row(ids, cbc + "," + sha1) + "  " +
                           row(R"("IPv6" , "2001:db8::1","2001:db8::2", 4098)", cbc + "," + sha1 + R"(,"64-bit")");
  const Loaded out = load(text);
  REQUIRE(out.store.associations().size() == 1);
  CHECK((out.sa().esn && out.sa().spi == 4098 && out.sa().line == 4));
  CHECK_FALSE(load(row(ids, cbc + "," + sha1 + R"(,"32-bit")")).sa().esn);
}

TEST_CASE("esp_sa: AEADs take their ICV from either column") {
  const std::string key = R"("0x000102030405060708090a0b0c0d0e0f10111213")";
  const auto bits = [&](const std::string& cipher, const std::string& integrity) {
    const Loaded out = load(row(ids, "\"" + cipher + "\"," + key + ",\"" + integrity + "\",\"\""));
    CHECK(out.sa().usable());
    CHECK((out.sa().integrity.info == nullptr && out.sa().integrity.state == KeyState::present));
    return out.sa().encryption.icv_bits;
  };
  CHECK(bits("AES-GCM [RFC4106]", "ANY 64 bit authentication [no checking]") == 64);
  CHECK(bits("AES-GCM [RFC4106]", "ANY 128 bit authentication [no checking]") == 128);
  CHECK(bits("AES-GCM [RFC4106]", "NULL") == 128);
  CHECK(bits("AES-GCM with 12 octet ICV [RFC4106]", "NULL") == 96);
}

TEST_CASE("esp_sa: an ICV that nobody can check has a length and no key") {
  const Loaded out = load(row(ids, cbc + R"(,"ANY 96 bit authentication [no checking]","")"));
  const AlgorithmUse& use = out.sa().integrity;
  CHECK((use.info == nullptr && use.icv_bits == 96 && use.state == KeyState::hidden));
  CHECK(out.report.problems.empty());
  const Loaded none = load(row(ids, cbc + R"(,"NULL","")"));
  CHECK((none.sa().integrity.info == nullptr && none.sa().usable()));
}

TEST_CASE("esp_sa: keys in characters, and with escapes") {
  const auto key = [](const std::string& text) {
    return key_bytes(load(row(ids, "\"AES-CBC [RFC3602]\",\"" + text + "\",\"NULL\",\"\"")).sa().encryption.key);
  };
  CHECK(key("0123456789abcdef") == unhex("30313233343536373839616263646566"));
  CHECK(key("\\x22123456789abcde\\x5c") == unhex("22313233343536373839616263646"
                                                 "55c"));
  CHECK(key("0x000102030405060708090A0B0C0D0E0F") == unhex("000102030405060708090a0b0c0d0e0f"));
}

TEST_CASE("esp_sa: stars and prefixes stand for many") {
  const auto wild = [](const std::string& from, const std::string& to, const std::string& spi) {
    return load(row("\"IPv4\",\"" + from + "\",\"" + to + "\",\"" + spi + "\"", cbc + "," + sha1));
  };
  const Loaded any = wild("*", "10.*.*.*", "0x12**");
  REQUIRE(any.sa().wildcards);
  CHECK(any.sa().wildcards->source.address.family() == Family::none);
  CHECK(any.sa().wildcards->destination.to_string() == "10.0.0.0/8");
  CHECK((any.sa().wildcards->spi_mask == 0xffffff00 && any.sa().spi == 0x1200));
  const auto at = [&](const char* to, std::uint32_t spi) {
    return any.store.find_wildcards(*IpAddress::parse("192.0.2.1"), *IpAddress::parse(to), IpsecProtocol::esp, spi)
        .size();
  };
  CHECK((at("10.1.2.3", 0x12ff) == 1 && at("11.1.2.3", 0x12ff) == 0 && at("10.1.2.3", 0x1300) == 0));
  CHECK(any.store.find(IpsecProtocol::esp, 0x1200).empty());

  CHECK(wild("192.0.2.0/24", "10.0.0.0/9", "*").sa().wildcards->destination.to_string() == "10.0.0.0/9");
  CHECK_FALSE(wild("*", "10.0.0.2", "0x1001").sa().wildcards);  // an SA is found by its destination alone
  CHECK(holds(wild("*", "10.*.0.1", "*").problems(), "all that stands behind"));
  CHECK(load(row(R"("IPv6","*","2001:db8:*","*")", cbc + "," + sha1)).sa().wildcards->destination.to_string() ==
        "2001:db8::/32");
}

TEST_CASE("esp_sa: two rows for one SPI are two generations") {
  const std::string other = R"("AES-CBC [RFC3602]","0x101112131415161718191a1b1c1d1e1f")";
  const Loaded out = load(row(ids, cbc + "," + sha1) + row(ids, other + "," + sha1) + row(ids, cbc + "," + sha1));
  CHECK(out.report.records == 3);
  CHECK(out.store.find(out.sa().destination, IpsecProtocol::esp, 0x1001).size() == 2);
}

TEST_CASE("esp_sa: rows that cannot be used cost themselves only") {
  const Loaded out = load(row(ids, cbc) + row(R"("IPv4","gateway","10.0.0.2","0x1")", cbc + "," + sha1) +
                          row(R"("IPv4","10.0.0.1","2001:db8::2","0x1")", cbc + "," + sha1) +
                          row(R"("IPv4","10.0.0.1","10.0.0.2","0x1g")", cbc + "," + sha1) +
                          row(ids, R"("ROT-13","0x00",)" + sha1) + row(ids, cbc + "," + sha1) + "\"IPv4\",\"cut");
  REQUIRE(out.report.problems.size() == 6);
  const char* texts[] = {"is cut", "source address", "destination address", "SPI", "unknown algorithm \"ROT-13\"",
                         "is cut"};
  for (std::size_t i = 0; i < 6; ++i) CHECK(holds(out.report.problems[i].text, texts[i]));
  CHECK((out.report.records == 2 && out.report.usable == 1));
}

TEST_CASE("esp_sa: a flood of stars is cut") {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += row(R"("IPv4","*","*","*")", cbc + "," + sha1);
  const Loaded out = load(text);
  CHECK(out.report.records == 1024);
  CHECK(out.store.associations().size() == 1);
  CHECK(holds(out.problems(), "1024"));
}

TEST_CASE("esp_sa: rows of ikev2_decryption_table may stand among those of esp_sa") {
  const Loaded out = load(text_of_file("ikev2-psk-rekey.ikev2_decryption_table") + row(ids, cbc + "," + sha1));
  CHECK(out.report.format == "esp_sa + ikev2_decryption_table");
  CHECK((out.report.records == 1 && out.report.usable == 1 && out.report.ike_keys == 2));
  CHECK(out.report.problems.empty());
}
