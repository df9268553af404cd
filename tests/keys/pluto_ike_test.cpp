// Keys of IKE SAs out of Libreswan's log.
#include "keys/ike_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const std::string spis = "0x1011121314151617 0x18191a1b1c1d1e1f ";
const std::string a = "202122232425262728292a2b2c2d2e2f30313233", b = "404142434445464748494a4b4c4d4e4f50515253";
const std::string e = "606162636465666768696a6b6c6d6e6f", f = "707172737475767778797a7b7c7d7e7f";

std::string line(char direction, const std::string& integrity, const std::string& cipher) {
  return std::string{"Nov 21 11:11:07.625280: | ikev2 "} + direction + " " + spis + integrity + " " + cipher + "\n";
}

const std::string from_i = line('I', "sha1:0x" + a, "aes128:0x" + e),
                  from_r = line('R', "sha1:0x" + b, "aes128:0x" + f);

}  // namespace

TEST_CASE("pluto log: keys of an IKE SA, from both ends once") {
  for (const std::string& text : {from_i + from_r, from_r + from_i, from_i + from_r + from_i + from_r}) {
    const Loaded out = load(text);
    CHECK((out.report.format == "pluto log" && out.report.records == 0));
    CHECK((out.report.ike_keys == 1 && out.report.problems.empty() && out.store.ike_keys().size() == 1));
    CHECK(spell(ike(out)) == "1011121314151617 18191a1b1c1d1e1f cbc(aes)/0/16 hmac(sha1)/96/20 named | d  a " + a +
                                 " " + b + " e " + e + " " + f);
    CHECK(ike(out).line == 1);
  }
}

TEST_CASE("pluto log: algorithms of IKE by the names of its debug lines") {
  const auto names = [](const std::string& integrity, std::size_t integrity_bytes, const std::string& cipher,
                        std::size_t cipher_bytes) {
    const std::string one = integrity + ":0x" + std::string(2 * integrity_bytes, '7');
    const std::string two = cipher + ":0x" + std::string(2 * cipher_bytes, '5');
    const Loaded out = load(line('I', one, two) + line('R', one, two));
    return spell_names(ike(out));
  };
  CHECK(names("sha256", 32, "aes256", 32) == "cbc(aes)/0/32 hmac(sha256)/128/32 named");
  CHECK(names("sha512", 64, "3des192", 24) == "cbc(des3_ede)/0/24 hmac(sha512)/256/64 named");
  CHECK(names("md5", 16, "3des", 24) == "cbc(des3_ede)/0/0 hmac(md5)/96/16 named");
  CHECK(names("aes_xcbc", 16, "camellia192", 24) == "cbc(camellia)/0/24 xcbc(aes)/96/16 named");
  CHECK(names("sha384", 48, "rot13", 5) == "-/0/0 -/0/0 unnamed");
}

TEST_CASE("pluto log: keys whose salt it leaves out are told, and not used") {
  for (const std::string cipher :
       {"aes_gcm_16256", "aes_gcm256", "chacha20_poly1305256", "aes_ccm_8128", "aes_ctr128"}) {
    const Loaded out = load(line('I', "none:0x", cipher + ":0x" + e) + line('R', "none:0x", cipher + ":0x" + f));
    INFO(cipher);
    CHECK((out.report.ike_keys == 0 && out.report.problems.size() == 1 && !out.report.problems[0].serious));
    CHECK(holds(out.problems(), "does not log the salt"));
  }
}

TEST_CASE("pluto log: keys of IKE SAs that are not all there") {
  CHECK(holds(load(from_i).problems(), "one direction"));
  CHECK(holds(load(from_r).problems(), "one direction"));
  const Loaded cut = load(from_i + from_r.substr(0, from_r.find(" aes128")) + "\n");
  CHECK((cut.report.problems.size() == 2 && holds(cut.problems(), "is cut")));
  CHECK(holds(load(from_i + from_r.substr(0, from_r.size() - 3) + "\n").problems(), "differ in length"));
  CHECK(holds(load(from_i + replace_all(from_r, "7f\n", "7g\n")).problems(), "not hexadecimal"));
  CHECK(holds(load(replace_all(from_i + from_r, "aes128", "aes256")).problems(), "SK_e has 16 bytes"));
  std::string lone;
  for (int i = 0; i < 3000; ++i) lone += replace_all(from_i, "0x1011121314", fmt::format("0x101112{:04x}", i));
  CHECK(load(lone).report.problems.size() == 1001);
}

TEST_CASE("pluto log: generations under one pair of SPIs stay apart") {
  const std::string other = replace_all(from_i + from_r, ":0x6", ":0x9");
  const Loaded out = load(from_i + from_r + other);
  CHECK((out.report.ike_keys == 2 && out.store.ike_keys().size() == 2));
}

TEST_CASE("pluto log: cut anywhere keys of an IKE SA are read or told, and not shown") {
  const std::string whole = from_i + from_r;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Keystore store;
    const auto report = store.import_text("cut", bytes_of(whole.substr(0, size)));
    if (!report) continue;
    check_silence(*report, whole.substr(0, size));
    CHECK(store.ike_keys().empty() == (size < whole.size() - 1));
  }
}

TEST_CASE("pluto log: real ones have the keys of all IKE SAs") {
  const Loaded old = load(text_of_file("libreswan-pluto.log")), later = load(text_of_file("libreswan52-pluto.log"));
  CHECK((old.report.ike_keys == 3 && old.report.records == 12 && old.report.usable == 12));
  CHECK((later.report.ike_keys == 1 && later.report.usable == 2));
  CHECK(ike(old).initiator_spi == 0xb1a594f0d3a84ea4);
  CHECK(ike(later).responder_spi == 0x73b1e24b9d68b2ad);
  for (const IkeKeys& keys : old.store.ike_keys()) {
    CHECK(spell_names(keys) == "cbc(aes)/0/16 hmac(sha256)/128/32 named");
    CHECK((keys.sk_d.empty() && keys.sk_er.size() == 16 && keys.sk_ar.size() == 32));
  }
}
