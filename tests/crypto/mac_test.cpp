#include "crypto/mac.hpp"

#include "support/catch.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Vector {
  std::string message, mac;
};

// At every place where the message may be cut in two.
void check(const char* name, const char* key, const std::vector<Vector>& vectors) {
  SecretArena arena;
  auto mac = Mac::make(algorithm_use(arena, AlgorithmKind::integrity, name, key));
  REQUIRE(mac);
  for (const Vector& vector : vectors) {
    const auto message = unhex(vector.message);
    const Bytes all{message};
    for (std::size_t cut = 0; cut <= message.size(); ++cut) {
      CAPTURE(name, vector.message, cut);
      Mac::Value value{};
      REQUIRE(mac->compute(all.first(cut), all.subspan(cut), value));
      CHECK(std::vector<std::uint8_t>(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(mac->size())) ==
            unhex(vector.mac));
    }
  }
}

}  // namespace

TEST_CASE("mac: AES-XCBC, the cases of RFC 3566 section 4.6") {
  const std::string sixteen = "000102030405060708090a0b0c0d0e0f";
  check("xcbc(aes)", sixteen.c_str(),
        {{"", "75f0251d528ac01c4573dfd584d79f29"},
         {"000102", "5b376580ae2f19afe7219ceef172756f"},
         {sixteen, "d2a246fa349b68a79998a4394ff7a263"},
         {sixteen + "10111213", "47f51b4564966215b8985c63055ed308"},
         {sixteen + "101112131415161718191a1b1c1d1e1f", "f54f0ec8d2b9f3d36807734bd5283fd4"},
         {sixteen + "101112131415161718191a1b1c1d1e1f2021", "becbb3bccdb518a30677d5481fb6b4d8"},
         {std::string(2000, '0'), "f0dafee895db30253761103b5d84528f"}});
}

TEST_CASE("mac: AES-CMAC, the examples of RFC 4493 section 4") {
  const std::string forty = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411";
  check("cmac(aes)", "2b7e151628aed2a6abf7158809cf4f3c",
        {{"", "bb1d6929e95937287fa37d129b756746"},
         {forty.substr(0, 32), "070a16b46b4d4144f79bdd9dd04a287c"},
         {forty, "dfa66747de9ae63030ca32611497c827"},
         {forty + "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710", "51f0bebf7e3b9d92fc49741779363cfe"}});
}

TEST_CASE("mac: HMAC-SHA2, case 2 of RFC 4231") {
  const char *key = "4a656665", *message = "7768617420646f2079612077616e7420666f72206e6f7468696e673f";
  check("hmac(sha256)", key, {{message, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}});
  check(
      "hmac(sha384)", key,
      {{message, "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"}});
  check("hmac(sha512)", key,
        {{message,
          "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
          "caeab1a34d4a6b4b636e070a38bce737"}});
}
