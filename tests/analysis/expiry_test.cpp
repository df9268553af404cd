#include <espdump/codes.hpp>

#include <ctime>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// The Rig's clock begins at 1700000000 s.
std::string local_time(std::int64_t seconds) {
  const std::time_t time = 1'700'000'000 + seconds;
  std::tm parts{};
  localtime_r(&time, &parts);
  char text[40];
  std::strftime(text, sizeof text, "[%Y-%m-%dT%H:%M:%S.000000] ", &parts);
  return text;
}

const SaText sa{};

std::string ended_after(std::int64_t seconds, const std::string& event) {
  return dump_text(sa) + local_time(seconds) + event + " " + dump_text(sa);
}

}  // namespace

TEST_CASE("expiry: packets after a dated deletion are found, once per SA, and counted") {
  Rig rig{ended_after(60, "Deleted")};
  rig.feed(esp_frame(sa, 1));
  rig.feed(esp_frame(sa, 2), {.gap = 70'000'000'000});
  rig.feed(esp_frame(sa, 3));
  rig.finish();
  const Findings found = rig.found(codes::sa_expired);
  REQUIRE(found.size() == 1);
  CHECK(found[0].frame == 2);
  CHECK(found[0].message.find("10 s after the SA was deleted (keys.txt:") == 0);
  REQUIRE(rig.concluded(codes::sa_expired).size() == 1);
  CHECK(rig.concluded(codes::sa_expired)[0].what == "2 packets, frames 2-3");
  CHECK(rig.concluded(codes::sa_expired)[0].why.find("time zone") == std::string::npos);
}

TEST_CASE("expiry: up to a second late is no wonder, and an SA that lives has no end") {
  Rig rig{ended_after(60, "Deleted")};
  rig.feed(esp_frame(sa, 1), {.gap = 60'900'000'000});
  rig.finish();
  CHECK(rig.found(codes::sa_expired).empty());
  Rig alive{{sa}};
  alive.feed(esp_frame(sa, 1), {.gap = 3'600'000'000'000});
  alive.finish();
  CHECK(alive.found(codes::sa_expired).empty());
}

TEST_CASE("expiry: where nothing came in time another time zone is suspected") {
  Rig rig{ended_after(-7200, "Deleted")};
  rig.feed(esp_frame(sa, 1));
  rig.finish();
  REQUIRE(rig.concluded(codes::sa_expired).size() == 1);
  CHECK(rig.concluded(codes::sa_expired)[0].why.find("time zone") != std::string::npos);
}

TEST_CASE("expiry: a forged packet on a dead SA is nobody's use of it") {
  Rig rig{ended_after(-7200, "Deleted")};
  rig.feed(forged(esp_frame(sa, 1)));
  rig.finish();
  CHECK(rig.found(codes::sa_expired).empty());
}
