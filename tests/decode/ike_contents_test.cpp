#include "decode/ike_contents.hpp"

#include <random>

#include "support/catch.hpp"
#include "support/ike_craft.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

IkeContents contents_of(const IkeText& text) {
  const Octets message = ike_message(text);
  IkeContents out;
  read_ike_contents(message[16], Bytes{message}.subspan(28), out);
  return out;
}

}  // namespace

TEST_CASE("ike contents: an IKE_SA_INIT says what it offers, its group, its nonce and its notifications") {
  const IkeContents said = contents_of(
      {.payloads = {{33, ike_suite()}, {34, ike_key_exchange(31, 32)}, {40, Octets(32, 7)}, {41, ike_notify(16430)}}});
  CHECK(said.payloads == std::vector<std::uint8_t>{33, 34, 40, 41});
  REQUIRE(said.offers.size() == 1);
  CHECK(said.offers[0].protocol == 1);
  CHECK(said.offers[0].transforms.size() == 4);
  CHECK(said.offers[0].transforms[0] == wire::IkeTransform{1, 12, 128});
  CHECK(said.group == 31);
  CHECK(said.key_exchange_size == 32);
  CHECK(said.nonce == Octets(32, 7));
  REQUIRE(said.notice(16430) != nullptr);
  CHECK(said.error() == nullptr);
  CHECK(said.malformed.empty());
}

TEST_CASE("ike contents: error notifications are found, with the group that is wanted") {
  const IkeContents said =
      contents_of({.payloads = {{41, ike_notify(16388, Octets(20, 1))}, {41, ike_notify(17, {0, 19})}}});
  REQUIRE(said.error() != nullptr);
  CHECK(said.error()->type == 17);
  CHECK(said.error()->number == 19);
  CHECK(said.nat_source.size() == 1);
}

TEST_CASE("ike contents: SPIs that are deleted, and the IKE SA itself") {
  const Octets esp = {3, 4, 0, 2, 0xc0, 0, 0, 1, 0xc0, 0, 0, 2}, ike = {1, 0, 0, 0};
  const IkeContents said = contents_of({.exchange = 37, .payloads = {{42, esp}, {42, ike}}});
  REQUIRE(said.deletes.size() == 2);
  CHECK(said.deletes[1] == std::pair<std::uint8_t, std::uint32_t>{3, 0xc0000002});
  CHECK(said.deletes_ike);
}

TEST_CASE("ike contents: lists of hostile length are bounded, and broken chains keep what came before") {
  IkeText text;
  for (int i = 0; i < 5000; ++i) text.payloads.push_back({41, ike_notify(16430)});
  const IkeContents said = contents_of(text);
  CHECK(said.payloads.size() == 64);
  CHECK(said.notices.size() == 32);
  Octets message = ike_message({.payloads = {{41, ike_notify(14)}, {40, Octets(32, 7)}}});
  message[28 + 8 + 3] = 3;  // the length of the second payload, less than its own header
  IkeContents broken;
  read_ike_contents(message[16], Bytes{message}.subspan(28), broken);
  CHECK(broken.payloads == std::vector<std::uint8_t>{41});
  CHECK(broken.nonce.empty());
  CHECK_FALSE(broken.malformed.empty());
}

TEST_CASE("ike contents: random bytes behind any payload type do no harm") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 20'000; ++round) {
    Octets bytes(random() % 120);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() : random() % 48);
    IkeContents out;
    read_ike_contents(static_cast<std::uint8_t>(33 + random() % 22), bytes, out);
    CHECK(out.payloads.size() <= 64);
    CHECK(out.nonce.size() <= 256);
  }
}
