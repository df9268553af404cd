// Key text as bytes, wherever its pieces lie.
#include "keys/key_material.hpp"

#include "keys/xfrm_text.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

using Text = std::vector<std::string_view>;

std::vector<std::uint8_t> hex(const Text& pieces) {
  SecretArena arena;
  const auto key = keys::hex_key(pieces, arena);
  REQUIRE(key);
  return key_bytes(*key);
}
std::vector<std::uint8_t> word(const Text& pieces) {
  SecretArena arena;
  const auto key = keys::key_of_word(pieces, arena);
  REQUIRE(key);
  return key_bytes(*key);
}

}  // namespace

TEST_CASE("key material: digits may lie in pieces, with blanks, odd in number") {
  CHECK(hex({"00112233"}) == unhex("00112233"));
  CHECK(hex({"0", "01 1 22", "", " 33"}) == unhex("00112233"));
  CHECK(hex({"123"}) == unhex("0123"));
  CHECK(hex({}).empty());
  SecretArena arena;
  CHECK_FALSE(keys::hex_key(Text{"00", "0g"}, arena));
  CHECK_FALSE(keys::hex_key(Text{std::string_view{std::string(10000, '0')}}, arena));
}

TEST_CASE("key material: a word is hexadecimal behind 0x, or else its characters") {
  CHECK(word({"0x00AAff"}) == unhex("00aaff"));
  CHECK(word({"0", "x00", "aaff"}) == unhex("00aaff"));
  CHECK(word({"0x"}).empty());
  CHECK(word({"a", "b"}) == unhex("6162"));
  CHECK(word({"0"}) == unhex("30"));
}

TEST_CASE("key material: a key is held against the table") {
  SecretArena arena;
  const AlgorithmInfo& aes = *find_algorithm(AlgorithmKind::encryption, "cbc(aes)");
  const Text good{"0x000102030405060708090a0b0c0d0e0f"}, bad{"0x00"}, odd{"0xzz"};
  CHECK(keys::read_key_word(aes, good, {}, arena).use.state == KeyState::present);
  CHECK(keys::read_key_word(aes, bad, {}, arena).problem.find("16, 24 or 32 wanted") != std::string::npos);
  CHECK(keys::read_key_word(aes, odd, {}, arena).use.state == KeyState::unusable);
  const AlgorithmInfo& sha = *find_algorithm(AlgorithmKind::integrity, "sha256");
  CHECK(keys::read_key_word(sha, good, 128, arena).use.icv_bits == 128);
  CHECK(keys::read_key_word(sha, good, 97, arena).use.state == KeyState::unusable);
  CHECK(keys::read_key_word(sha, good, {}, arena).use.icv_bits == 96);
}
