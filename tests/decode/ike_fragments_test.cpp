#include "decode/ike_fragments.hpp"

#include <algorithm>
#include <random>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

IkeFragment piece(std::uint16_t number, std::uint16_t total, Bytes bytes, std::uint32_t message_id = 1) {
  return {message_id, false, true, number, total, static_cast<std::uint8_t>(number == 1 ? 35 : 0), bytes};
}

}  // namespace

TEST_CASE("ike fragments: pieces in any order make one message, which is handed out once") {
  IkeFragments fragments;
  CHECK_FALSE(fragments.add(piece(3, 3, bytes_of("ef"))));
  CHECK_FALSE(fragments.add(piece(1, 3, bytes_of("ab"))));
  CHECK_FALSE(fragments.add(piece(1, 3, bytes_of("ab"))));
  const auto whole = fragments.add(piece(2, 3, bytes_of("cd")));
  REQUIRE(whole);
  CHECK(whole->first_payload == 35);
  const std::string text{whole->payloads.begin(), whole->payloads.end()};
  CHECK(text == "abcdef");
  CHECK_FALSE(fragments.add(piece(2, 3, bytes_of("cd"))));
}

TEST_CASE("ike fragments: messages are told apart by number and direction") {
  IkeFragments fragments;
  CHECK_FALSE(fragments.add(piece(1, 2, bytes_of("ab"), 1)));
  CHECK_FALSE(fragments.add(piece(2, 2, bytes_of("cd"), 2)));
  IkeFragment response = piece(2, 2, bytes_of("cd"), 1);
  response.response = true;
  CHECK_FALSE(fragments.add(response));
  CHECK(fragments.add(piece(2, 2, bytes_of("cd"), 1)));
}

TEST_CASE("ike fragments: sent again in more pieces, the larger total counts (RFC 7383 section 2.5.2)") {
  IkeFragments fragments;
  CHECK_FALSE(fragments.add(piece(1, 2, bytes_of("abc"))));
  CHECK_FALSE(fragments.add(piece(1, 3, bytes_of("ab"))));
  CHECK_FALSE(fragments.add(piece(2, 2, bytes_of("def"))));  // of the set given up
  CHECK_FALSE(fragments.add(piece(2, 3, bytes_of("cd"))));
  const auto whole = fragments.add(piece(3, 3, bytes_of("ef")));
  REQUIRE(whole);
  CHECK(whole->payloads.size() == 6);
}

TEST_CASE("ike fragments: numbers that lie and messages beyond the bounds are not kept") {
  IkeFragments fragments;
  CHECK_FALSE(fragments.add(piece(0, 1, bytes_of("x"))));
  CHECK_FALSE(fragments.add(piece(2, 1, bytes_of("x"))));
  CHECK_FALSE(fragments.add(piece(1, 0xffff, bytes_of("x"))));
  const std::vector<std::uint8_t> large(200'000);
  CHECK_FALSE(fragments.add(piece(1, 2, large)));
  CHECK_FALSE(fragments.add(piece(2, 2, large)));  // 400,000 bytes in all
  CHECK_FALSE(fragments.add(piece(2, 2, large)));
  CHECK(fragments.given_up() == 1);
}

TEST_CASE("ike fragments: of many messages begun at once the newest can still be finished") {
  IkeFragments fragments;
  for (std::uint32_t id = 1; id <= 100; ++id) CHECK_FALSE(fragments.add(piece(1, 2, bytes_of("ab"), id)));
  CHECK_FALSE(fragments.add(piece(2, 2, bytes_of("cd"), 1)));  // gave way
  CHECK(fragments.add(piece(2, 2, bytes_of("cd"), 100)));
  CHECK(fragments.given_up() == 100 + 1 - 8);
}

TEST_CASE("ike fragments: any order of the pieces of random messages gives the message") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 200; ++round) {
    IkeFragments fragments;
    const auto total = static_cast<std::uint16_t>(1 + random() % 20);
    std::vector<std::vector<std::uint8_t>> pieces(total);
    std::vector<std::uint8_t> message;
    for (auto& one : pieces) {
      one.resize(1 + random() % 40);
      for (auto& byte : one) byte = static_cast<std::uint8_t>(random());
      message.insert(message.end(), one.begin(), one.end());
    }
    std::vector<std::uint16_t> order(total);
    for (std::uint16_t i = 0; i < total; ++i) order[i] = i;
    std::shuffle(order.begin(), order.end(), random);
    for (std::size_t i = 0; i < total; ++i) {
      const auto whole = fragments.add(piece(static_cast<std::uint16_t>(order[i] + 1), total, pieces[order[i]]));
      REQUIRE(whole.has_value() == (i + 1 == total));
      if (whole) CHECK(std::equal(message.begin(), message.end(), whole->payloads.begin(), whole->payloads.end()));
    }
  }
}
