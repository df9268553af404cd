#include "decode/message_log.hpp"

#include "support/catch.hpp"

using namespace espdump;

namespace {

Sighting seen(std::uint64_t digest, FrameNumber frame, std::int64_t time, std::uint64_t link = 1) {
  Sighting out;
  out.digest = digest;
  out.frame = frame;
  out.time = time;
  out.link = link;
  out.files = 1;
  return out;
}

}  // namespace

TEST_CASE("message log: the same bytes later are the same message, at once on another link a copy") {
  MessageLog log;
  log.remember(seen(7, 1, 0));
  CHECK(log.find_same(8) == nullptr);
  REQUIRE(log.find_same(7) != nullptr);
  CHECK(log.find_same(7)->frame == 1);
  CHECK(log.find_copied(seen(7, 2, 4'000'000'000)) == nullptr);
  CHECK(log.find_copied(seen(7, 2, 1'000'000, 2)) != nullptr);
  CHECK(log.find_copied(seen(8, 2, 1'000'000, 2)) == nullptr);
}

TEST_CASE("message log: a copy of a retransmission is one of that, and the first one still names the message") {
  MessageLog log;
  log.remember(seen(7, 1, 0));
  log.remember(seen(7, 2, 4'000'000'000));
  REQUIRE(log.find_copied(seen(7, 3, 4'001'000'000, 2)) != nullptr);
  CHECK(log.find_copied(seen(7, 3, 4'001'000'000, 2))->frame == 2);
  CHECK(log.find_same(7)->frame == 1);
}

TEST_CASE("message log: the latest 256 are remembered, whatever their digests") {
  MessageLog log;
  for (std::uint64_t i = 1; i <= 300; ++i) log.remember(seen(i * 8, i, 0));
  CHECK(log.find_same(44 * 8) == nullptr);
  for (std::uint64_t i = 45; i <= 300; ++i) REQUIRE(log.find_same(i * 8) != nullptr);
}
