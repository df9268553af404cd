#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText there{};
const SaText back{.source = "192.0.2.2", .destination = "192.0.2.1", .spi = 0x2002, .algorithms = other_gcm};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

SaText with_spi(std::uint32_t spi) { return {.spi = spi}; }

}  // namespace

TEST_CASE("sa use: an unknown SPI is told once, with its packets") {
  Rig rig{{there}};
  rig.feed(esp_frame(there, 1));
  for (std::uint64_t n = 1; n <= 3; ++n) rig.feed(esp_frame(with_spi(0x7777), n));
  rig.feed(esp_frame(with_spi(0x8888), 1));
  rig.finish();
  const Findings found = rig.found(codes::esp_unknown_spi);
  REQUIRE(found.size() == 2);
  CHECK(found[0].frame == 2);
  CHECK(found[0].sa == 2);
  CHECK(found[0].info->severity == Severity::warning);
  CHECK(has(found[0].message, "no SA for 192.0.2.2 esp SPI 0x00007777: 3 packets; keys.txt:1 has SPI 0x00001001"));
  CHECK(has(found[1].message, "SPI 0x00008888: 1 packet;"));
  const auto conclusions = rig.concluded(codes::esp_unknown_spi);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "4 packets on 0x00007777 to 192.0.2.2, 0x00008888 to 192.0.2.2");
  CHECK(conclusions[0].sas == std::vector<SaNumber>{2, 3});
}

TEST_CASE("sa use: one unknown SPI from two sources is one finding") {
  SaText other = with_spi(0x7777);
  other.source = "192.0.2.77";
  Rig rig{{there}};
  rig.feed(esp_frame(with_spi(0x7777), 1));
  rig.feed(esp_frame(other, 1));
  rig.finish();
  REQUIRE(rig.found(codes::esp_unknown_spi).size() == 1);
  CHECK(has(rig.found(codes::esp_unknown_spi)[0].message, "2 packets"));
  CHECK(rig.concluded(codes::esp_unknown_spi).at(0).sas == std::vector<SaNumber>{1, 2});
}

TEST_CASE("sa use: without keys the report tells how to take them") {
  Rig rig{std::string{}};
  rig.feed(esp_frame(there, 1));
  rig.feed(esp_frame(back, 1));
  rig.finish();
  const auto conclusions = rig.concluded(codes::esp_unknown_spi);
  REQUIRE(conclusions.size() == 1);
  CHECK(has(conclusions[0].what, "2 packets on 2 SPIs"));
  CHECK(has(conclusions[0].remedy, "sudo ip xfrm state > xfrm.txt"));
}

TEST_CASE("sa use: keys of other hosts, and an SPI of another destination, are told apart") {
  SaText elsewhere = there;
  elsewhere.destination = "198.51.100.1";
  Rig same_spi{{elsewhere}};
  SaText stranger = there;
  stranger.algorithms = other_gcm;
  same_spi.feed(esp_frame(stranger, 1));
  same_spi.finish();
  CHECK(has(same_spi.found(codes::esp_unknown_spi).at(0).message,
            "has this SPI for destination 198.51.100.1, but its keys verify none"));
  elsewhere.spi = 5;
  Rig nothing{{elsewhere}};
  nothing.feed(esp_frame(stranger, 1));
  nothing.finish();
  CHECK(has(nothing.concluded(codes::esp_unknown_spi).at(0).why, "theirs are 198.51.100.1"));
}

TEST_CASE("sa use: an SA that gets no answer is one-way from its fourth packet on") {
  Rig three{{there}};
  for (std::uint64_t n = 1; n <= 3; ++n) three.feed(esp_frame(there, n));
  three.finish();
  CHECK(three.found(codes::sa_one_way).empty());

  Rig four{{there}};
  for (std::uint64_t n = 1; n <= 4; ++n) four.feed(esp_frame(there, n));
  four.finish();
  REQUIRE(four.found(codes::sa_one_way).size() == 1);
  CHECK(four.found(codes::sa_one_way)[0].message ==
        "4 packets from 192.0.2.1 to 192.0.2.2, and no ESP or AH at all back");
  CHECK(four.found(codes::sa_one_way)[0].info->severity == Severity::warning);
  CHECK(four.concluded(codes::sa_one_way).at(0).sas == std::vector<SaNumber>{1});

  Rig answered{{there, back}};
  for (std::uint64_t n = 1; n <= 4; ++n) answered.feed(esp_frame(there, n));
  answered.feed(esp_frame(back, 1));
  answered.finish();
  CHECK(answered.found(codes::sa_one_way).empty());
}

TEST_CASE("sa use: multicast and forged traffic are owed no answer") {
  SaText group = there;
  group.destination = "239.1.2.3";
  Rig multicast{{group}};
  for (std::uint64_t n = 1; n <= 4; ++n) multicast.feed(esp_frame(group, n));
  multicast.finish();
  CHECK(multicast.found(codes::sa_one_way).empty());
  Rig forgeries{{there}};
  for (std::uint64_t n = 1; n <= 4; ++n) forgeries.feed(forged(esp_frame(there, n)));
  forgeries.finish();
  CHECK(forgeries.found(codes::sa_one_way).empty());
}

TEST_CASE("sa use: one SPI in both directions is an info naming both SAs") {
  SaText same = back;
  same.spi = there.spi;
  Rig rig{{there, same}};
  rig.feed(esp_frame(there, 1));
  rig.feed(esp_frame(same, 1));
  rig.finish();
  REQUIRE(rig.found(codes::sa_shared_spi).size() == 1);
  CHECK(rig.found(codes::sa_shared_spi)[0].info->severity == Severity::info);
  CHECK(has(rig.found(codes::sa_shared_spi)[0].message, "SPI 0x00001001 serves both directions (#1 and #2)"));
  CHECK(rig.concluded(codes::sa_shared_spi).at(0).sas == std::vector<SaNumber>{1, 2});
  Rig apart{{there, back}};
  apart.feed(esp_frame(there, 1));
  apart.feed(esp_frame(back, 1));
  apart.finish();
  CHECK(apart.found(codes::sa_shared_spi).empty());
}
