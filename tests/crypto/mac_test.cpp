#include "crypto/mac.hpp"

#include "support/catch.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::vector<std::uint8_t> whole(const Mac& mac, const Mac::Value& value) {
  return {value.begin(), value.begin() + static_cast<std::ptrdiff_t>(mac.size())};
}

}  // namespace

TEST_CASE("mac: every published vector holds, wherever the message is cut in two") {
  const auto vectors = part_vectors("mac");
  REQUIRE(vectors.size() >= 27);
  for (const PartVector& vector : vectors) {
    CAPTURE(vector.file, vector.name);
    SecretArena arena;
    auto mac = Mac::make(algorithm_use(arena, AlgorithmKind::integrity, vector.algorithm, vector.key));
    REQUIRE(mac);
    const Bytes message{vector.fields.at(0)};
    for (std::size_t cut = 0; cut <= message.size(); ++cut) {
      Mac::Value value{};
      REQUIRE(mac->compute(message.first(cut), message.subspan(cut), value));
      CHECK(whole(*mac, value) == vector.fields.at(1));
    }
  }
}

TEST_CASE("mac: what is no MAC, or has no key that fits, says so") {
  SecretArena arena;
  const auto error = [&arena](AlgorithmKind kind, const char* name, const char* key) {
    auto mac = Mac::make(algorithm_use(arena, kind, name, key));
    return mac ? std::string{} : mac.error().text;
  };
  CHECK(error(AlgorithmKind::encryption, "cbc(aes)", "00") == "AES-CBC is not a MAC");
  CHECK(error(AlgorithmKind::integrity, "xcbc(aes)", "0001") == "a key of 16 bits does not fit AES-XCBC");
  CHECK(error(AlgorithmKind::integrity, "cmac(aes)", "0001") == "a key of 16 bits does not fit AES-CMAC");
  CHECK_FALSE(error(AlgorithmKind::integrity, "hmac(sha1)", "").empty());
}
