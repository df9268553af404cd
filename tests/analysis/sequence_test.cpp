#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText plain{};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

struct After : Rig {
  After(const SaText& sa, const std::vector<std::uint64_t>& numbers) : Rig({sa}) {
    for (const std::uint64_t n : numbers) feed(esp_frame(sa, n));
    finish();
  }
};

}  // namespace

TEST_CASE("sequence: numbers never seen are counted and listed") {
  const After rig(plain, {10, 11, 13, 17, 18});
  const Findings found = rig.found(codes::seq_lost);
  REQUIRE(found.size() == 1);
  CHECK(found[0].frame == 0);
  CHECK(found[0].sa == 1);
  CHECK(found[0].info->severity == Severity::warning);
  CHECK(found[0].message == "4 of 9 numbers between 10 and 18 never seen: 12, 14-16");
  const auto conclusions = rig.concluded(codes::seq_lost);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "4 numbers never seen");
  CHECK(conclusions[0].why == "#1 lacks 4 of 9: 12, 14-16.");
}

TEST_CASE("sequence: a whole run of numbers loses nothing, in any order") {
  const After rig(plain, {1, 3, 2, 4});
  CHECK(rig.found(codes::seq_lost).empty());
  CHECK(rig.concluded(codes::seq_lost).empty());
}

TEST_CASE("sequence: of many gaps eight are told") {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t n = 0; n < 12; ++n) numbers.push_back(1 + 2 * n);
  CHECK(has(After(plain, numbers).found(codes::seq_lost).at(0).message, "2, 4, 6, 8, 10, 12, 14, 16 … (+3)"));
}

TEST_CASE("sequence: late packets inside the window are an info with the largest distance") {
  const After rig(plain, {1, 2, 20, 10, 19, 21});
  const Findings found = rig.found(codes::seq_reordered);
  REQUIRE(found.size() == 2);
  CHECK(found[0].frame == 4);
  CHECK(found[0].info->severity == Severity::info);
  CHECK(has(found[0].message, "number 10 arrives after newer ones"));
  const auto conclusions = rig.concluded(codes::seq_reordered);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "2 packets late but inside the window, frames 4-5; up to 10 behind the newest");
}

TEST_CASE("sequence: a sender that begins again under its key restarts once") {
  Rig rig{{plain}};
  for (std::uint64_t n = 1; n <= 70; ++n) rig.feed(esp_frame(plain, n));
  for (std::uint64_t n = 1; n <= 3; ++n) rig.feed(esp_frame(plain, n, inner_v4(500)));
  rig.finish();
  const Findings found = rig.found(codes::seq_restart);
  REQUIRE(found.size() == 1);
  CHECK(found[0].frame == 71);
  CHECK(found[0].info->severity == Severity::warning);
  CHECK(has(found[0].message, "the sender's counter is at 1 again"));
  REQUIRE(rig.concluded(codes::seq_restart).size() == 1);
  CHECK(rig.concluded(codes::seq_restart)[0].what == "1 time, frame 71");
}

TEST_CASE("sequence: losses of an unknown SPI are told only where there are no keys at all") {
  Rig keyless{std::string{}};
  for (const std::uint64_t n : {1, 5}) keyless.feed(esp_frame(plain, n));
  keyless.finish();
  CHECK(keyless.found(codes::seq_lost).size() == 1);
  const SaText other{.source = "192.0.2.2", .destination = "192.0.2.1", .spi = 0x2002, .algorithms = other_gcm};
  Rig keyed{{other}};
  for (const std::uint64_t n : {1, 5}) keyed.feed(esp_frame(plain, n));
  keyed.feed(esp_frame(other, 1));
  keyed.finish();
  CHECK(keyed.found(codes::seq_lost).empty());
}
