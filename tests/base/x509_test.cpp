#include "base/x509.hpp"

#include "support/catch.hpp"
#include "support/random.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::vector<std::uint8_t> der(const std::string& name) { return read_file(testdata("certificates/" + name)); }

bool all_printable(const std::string& text) {
  for (const char c : text)
    if (c < 0x20 || c >= 0x7f) return false;
  return true;
}

bool is_safe(const Certificate& it) {
  bool safe = all_printable(it.subject) && all_printable(it.issuer) && all_printable(it.serial) &&
              all_printable(it.key_type) && all_printable(it.signature_algorithm) && it.alternative_names.size() <= 32;
  for (const std::string& name : it.alternative_names) safe = safe && all_printable(name);
  return safe;
}

}  // namespace

TEST_CASE("certificates: names, serial number and times are read") {
  const auto it = read_certificate(der("ec.der"));
  REQUIRE(it);
  CHECK(it->subject == "C=CH, O=Lab\\, Inc, CN=g1");
  CHECK(it->issuer == it->subject);
  CHECK(it->serial == "0102030405060708");
  CHECK(it->not_before == 1795873657);
  CHECK(utc_text(it->not_before) == "2026-11-28 13:47:37 UTC");
  CHECK(it->not_after == 2111233657);
  CHECK(utc_text(it->not_after) == "2036-11-25 13:47:37 UTC");
  CHECK(it->self_issued);
}

TEST_CASE("certificates: alternative names say what they are") {
  const auto it = read_certificate(der("ec.der"));
  REQUIRE(it);
  CHECK(it->alternative_names == std::vector<std::string>{"DNS:g1.lab.example", "IP:192.0.2.1", "IP:2001:db8::1",
                                                          "email:admin@lab.example", "URI:http://lab.example/ca",
                                                          "DN:C=CH, CN=inner"});
}

TEST_CASE("certificates: a key's type and size are told, and what the signature is") {
  const auto ec = read_certificate(der("ec.der"));
  REQUIRE(ec);
  CHECK(ec->key_type == "EC P-256");
  CHECK(ec->key_bits == 256);
  CHECK(ec->signature_algorithm == "ecdsa-with-SHA256");
  const auto rsa = read_certificate(der("rsa.der"));
  REQUIRE(rsa);
  CHECK(rsa->key_type == "RSA");
  CHECK(rsa->key_bits == 1024);
  CHECK(rsa->signature_algorithm == "ecdsa-with-SHA256");
  const auto ed25519 = read_certificate(der("ed25519.der"));
  REQUIRE(ed25519);
  CHECK(ed25519->key_type == "ED25519");
  CHECK(ed25519->key_bits == 256);
  CHECK(ed25519->signature_algorithm == "ED25519");
}

TEST_CASE("certificates: one that another has signed is not its own issuer, and its name is made safe") {
  const auto it = read_certificate(der("rsa.der"));
  REQUIRE(it);
  CHECK_FALSE(it->self_issued);
  CHECK(it->issuer == "C=CH, O=Lab\\, Inc, CN=g1");
  CHECK(it->subject == "C=CH, emailAddress=x@lab.example, CN=g\\xc3\\xa92");
}

TEST_CASE("certificates: what is cut, longer, or something else is none") {
  auto bytes = der("ec.der");
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(read_certificate(Bytes{bytes}.first(size)));
  bytes.push_back(0);
  CHECK_FALSE(read_certificate(bytes));
  CHECK_FALSE(read_certificate(bytes_of("no certificate")));
}

TEST_CASE("certificates: with any bits turned they are refused or stay safe to show") {
  Random random;
  INFO("ESPDUMP_SEED=" << random.seed());
  for (const char* name : {"ec.der", "rsa.der", "ed25519.der"}) {
    const auto good = der(name);
    for (int round = 0; round < 3000; ++round) {
      auto bytes = good;
      for (std::uint64_t flips = random.below(3) + 1; flips > 0; --flips)
        bytes[random.below(bytes.size())] ^= static_cast<std::uint8_t>(1U << random.below(8));
      if (const auto it = read_certificate(bytes)) CHECK(is_safe(*it));
    }
  }
}

TEST_CASE("distinguished names: the order is that of the encoding, and commas in values are marked") {
  const auto certificate = der("ec.der");
  // The issuer's Name, as it stands in the certificate.
  const Bytes name = Bytes{certificate}.subspan(35, 47);
  CHECK(distinguished_name(name) == "C=CH, O=Lab\\, Inc, CN=g1");
  CHECK_FALSE(distinguished_name(name.first(46)));
  CHECK_FALSE(distinguished_name({}));
  CHECK(distinguished_name(unhex("3000")) == "");
}

TEST_CASE("distinguished names: an unknown attribute has numbers, and a value is shown in part only") {
  CHECK(distinguished_name(unhex("300e 310c 300a 0603 2a0304 0c03 616263")) == "1.2.3.4=abc");
  std::string long_name = "3082013b 31820137 30820133 0603 550403 0c82012a";
  for (int i = 0; i < 298; ++i) long_name += "61";
  const auto text = distinguished_name(unhex(long_name));
  REQUIRE(text);
  CHECK(*text == "CN=" + std::string(256, 'a') + "...");
}

TEST_CASE("algorithms: an identifier is named, with the hash that RSASSA-PSS takes") {
  CHECK(algorithm_name(unhex("300a 0608 2a8648ce3d040302")) == "ecdsa-with-SHA256");
  CHECK(algorithm_name(unhex("300d 0609 2a864886f70d01010b 0500")) == "RSA-SHA256");
  CHECK(algorithm_name(unhex("3005 0603 2b6570")) == "ED25519");
  CHECK(algorithm_name(unhex("3041 0609 2a864886f70d01010a 3034 a00f 300d 0609 608648016503040202 0500"
                             "a11c 301a 0609 2a864886f70d010108 300d 0609 608648016503040202 0500 a203 020130")) ==
        "RSASSA-PSS with SHA384");
  CHECK(algorithm_name(unhex("300d 0609 2a864886f70d01010a 3000")) == "RSASSA-PSS with SHA1");
  CHECK(algorithm_name(unhex("3005 0603 2a0304")) == "1.2.3.4");
  CHECK_FALSE(algorithm_name(unhex("3005 0603 2a03")));
  CHECK_FALSE(algorithm_name({}));
}

TEST_CASE("times: seconds become a date of any century") {
  CHECK(utc_text(0) == "1970-01-01 00:00:00 UTC");
  CHECK(utc_text(-1) == "1969-12-31 23:59:59 UTC");
  CHECK(utc_text(951782400) == "2000-02-29 00:00:00 UTC");
  CHECK(utc_text(253402300799) == "9999-12-31 23:59:59 UTC");
}
