#include "decode/diagnose.hpp"

#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const std::string hmac_key = "0x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

SaText hmac_with(const std::string& bits) {
  return {.algorithms = "enc cbc(aes) 0x00112233445566778899aabbccddeeff / auth-trunc hmac(sha256) " + hmac_key + bits};
}

Keystore store_of(const std::vector<SaText>& sas) {
  Keystore store;
  std::string text;
  for (const SaText& sa : sas) text += dump_text(sa);
  REQUIRE(store.import_text("keys.txt", bytes_of(text)));
  store.seal();
  return store;
}

// The diagnosis of a packet of `sender` under the first of the SAs loaded.
IcvDiagnosis diagnose(const std::vector<SaText>& loaded, const SaText& sender, std::uint64_t sequence = 5,
                      std::uint32_t high_half = 0) {
  const Keystore store = store_of(loaded);
  return diagnose_icv(store, store.associations()[0], {esp_of(sender, sequence, inner_v4())}, high_half);
}

}  // namespace

TEST_CASE("diagnose: an ICV of 96 bits under an SA of 128 and the reverse is a truncation") {
  const IcvDiagnosis shorter = diagnose({hmac_with(" 128")}, hmac_with(" 96"));
  CHECK(shorter.cause == IcvCause::truncation);
  CHECK(shorter.icv_bits == 96);
  const IcvDiagnosis longer = diagnose({hmac_with(" 96")}, hmac_with(" 128"));
  CHECK(longer.cause == IcvCause::truncation);
  CHECK(longer.icv_bits == 128);
}

TEST_CASE("diagnose: an AEAD's tag of 64 bits under an SA of 128 is a truncation") {
  SaText sender{};
  sender.algorithms.replace(sender.algorithms.size() - 3, 3, "64");
  const IcvDiagnosis found = diagnose({SaText{}}, sender);
  CHECK(found.cause == IcvCause::truncation);
  CHECK(found.icv_bits == 64);
}

TEST_CASE("diagnose: under ESN a truncation is found in the cycle that the window suggests") {
  SaText loaded = hmac_with(" 128"), sender = hmac_with(" 96");
  loaded.esn = sender.esn = true;
  const std::uint64_t sequence = (std::uint64_t{3} << 32) + 5;
  CHECK(diagnose({loaded}, sender, sequence, 3).cause == IcvCause::truncation);
  CHECK(diagnose({loaded}, sender, sequence, 2).cause == IcvCause::none_found);
}

TEST_CASE("diagnose: ESN on one side only is told by side") {
  for (const std::string& algorithms : {gcm, cbc_sha256}) {
    const SaText without{.algorithms = algorithms}, with{.algorithms = algorithms, .esn = true};
    CHECK(diagnose({without}, with).cause == IcvCause::esn_missing);
    CHECK(diagnose({with}, without).cause == IcvCause::esn_extra);
  }
}

TEST_CASE("diagnose: keys of another SA are found, and which") {
  const SaText other{.source = "192.0.2.7", .spi = 9, .algorithms = other_gcm},
      third{.spi = 10, .algorithms = cbc_sha256};
  SaText sender{};
  sender.algorithms = other_gcm;
  const IcvDiagnosis found = diagnose({SaText{}, third, other}, sender);
  CHECK(found.cause == IcvCause::other_sa);
  CHECK(found.other == 2);
}

TEST_CASE("diagnose: an altered packet and a key that nobody has give nothing") {
  const Keystore store = store_of({SaText{}, hmac_with(" 128")});
  Octets esp = esp_of(SaText{}, 5, inner_v4());
  esp[20] ^= 1;
  CHECK(diagnose_icv(store, store.associations()[0], {esp}, 0).cause == IcvCause::none_found);
  SaText stranger{};
  stranger.algorithms = other_gcm;
  CHECK(diagnose({SaText{}}, stranger).cause == IcvCause::none_found);
  CHECK(diagnose_icv(store, store.associations()[0], {Bytes{esp}.first(9)}, 0).cause == IcvCause::none_found);
}

TEST_CASE("diagnose: an SA without integrity explains nothing, and hidden ones are passed over") {
  const SaText unchecked{.spi = 9, .algorithms = cbc_alone};
  const SaText hidden{.spi = 10, .algorithms = "aead rfc4106(gcm(aes)) <<Keys hidden>> 128"};
  const SaText owner{.spi = 11, .algorithms = other_gcm};
  SaText sender{};
  sender.algorithms = other_gcm;
  CHECK(diagnose({SaText{}, unchecked, hidden}, sender).cause == IcvCause::none_found);
  CHECK(diagnose({SaText{}, unchecked, hidden, owner}, sender).other == 3);
}

TEST_CASE("diagnose: an algorithm with keys of the same length is found, with its ICV length") {
  const SaText md5{.algorithms = cbc_alone + " / auth-trunc hmac(md5) 0x61d0a7f3182bc94e75fa06e8b39d5c24 96"};
  SaText xcbc = md5;
  xcbc.algorithms = cbc_alone + " / auth-trunc xcbc(aes) 0x61d0a7f3182bc94e75fa06e8b39d5c24 96";
  const IcvDiagnosis found = diagnose({xcbc}, md5);
  CHECK(found.cause == IcvCause::other_algorithm);
  REQUIRE(found.algorithm != nullptr);
  CHECK(found.algorithm->primitive == Primitive::hmac_md5);
  CHECK(found.icv_bits == 96);
  SaText sm3 = hmac_with(" 128");
  sm3.algorithms.replace(sm3.algorithms.find("hmac(sha256)"), 12, "hmac(sm3)");
  CHECK(diagnose({sm3}, hmac_with(" 128")).algorithm->primitive == Primitive::hmac_sha256);
}

TEST_CASE("diagnose: among AEADs GMAC's key may be loaded for GCM") {
  SaText gmac{};
  gmac.algorithms.replace(gmac.algorithms.find("rfc4106"), 7, "rfc4543");
  const IcvDiagnosis found = diagnose({gmac}, SaText{});
  CHECK(found.cause == IcvCause::other_algorithm);
  CHECK(found.algorithm->primitive == Primitive::aes_gcm);
}

TEST_CASE("diagnose: swapped directions and other generations are told from other SAs") {
  const SaText sender{.algorithms = other_gcm};
  const SaText reverse{.source = "192.0.2.2", .destination = "192.0.2.1", .spi = 9, .algorithms = other_gcm};
  const SaText later{.spi = 10, .algorithms = other_gcm};
  const SaText stranger{.source = "192.0.2.7", .destination = "192.0.2.8", .spi = 11, .algorithms = other_gcm};
  CHECK(diagnose({SaText{}, reverse}, sender).cause == IcvCause::reverse_sa);
  CHECK(diagnose({SaText{}, later}, sender).cause == IcvCause::other_generation);
  CHECK(diagnose({SaText{}, stranger}, sender).cause == IcvCause::other_sa);
}
