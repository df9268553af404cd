#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// What is concluded where nothing of `sender` verifies under what is loaded.
Conclusion conclusion_for(const std::vector<SaText>& loaded, const SaText& sender) {
  Rig rig{loaded};
  for (std::uint64_t n = 1; n <= 3; ++n) rig.feed(esp_frame(sender, n));
  rig.finish();
  CHECK(rig.found(codes::icv_bad).size() == 3);
  const auto conclusions = rig.concluded(codes::icv_bad);
  REQUIRE(conclusions.size() == 1);
  CHECK(has(conclusions[0].what, "all 3 packets, frames 1-3"));
  CHECK(conclusions[0].sas == std::vector<SaNumber>{1});
  return conclusions[0];
}

}  // namespace

TEST_CASE("icv: a bad packet among good ones was altered or forged") {
  const SaText sa{};
  Rig rig{{sa}};
  for (std::uint64_t n = 1; n <= 5; ++n) rig.feed(esp_frame(sa, n));
  for (std::uint64_t n = 6; n <= 8; ++n) rig.feed(forged(esp_frame(sa, n)));
  rig.feed(esp_frame(sa, 9));
  rig.feed(forged(esp_frame(sa, 10)));
  const Findings found = rig.found(codes::icv_bad);
  REQUIRE(found.size() == 4);
  CHECK(found[0].frame == 6);
  CHECK(found[0].sa == 1);
  CHECK(found[0].info->severity == Severity::error);
  CHECK(has(found[0].message, "5 earlier packets of this SA did: altered on the way, or forged"));
  CHECK(has(found[3].message, "6 earlier packets"));
  rig.finish();
  const auto conclusions = rig.concluded(codes::icv_bad);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "4 packets, frames 6-8, 10");
  CHECK(has(conclusions[0].why, "6 other packets of this SA verify"));
  CHECK(has(conclusions[0].remedy, "XfrmInStateProtoError"));
  CHECK(rig.sa(0).kernel.failed == 4);
}

TEST_CASE("icv: failures in one run at an end are another generation of keys, not damage") {
  const SaText now{};
  SaText before = now;
  before.algorithms = other_gcm;
  Rig rig{{now}};
  for (std::uint64_t n = 1; n <= 3; ++n) rig.feed(esp_frame(before, n));
  for (std::uint64_t n = 1; n <= 2; ++n) rig.feed(esp_frame(now, n));
  rig.finish();
  const auto conclusions = rig.concluded(codes::icv_bad);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "3 packets, frames 1-3");
  CHECK(has(conclusions[0].why, "None of the first 3 packets of #1 verifies, all the other 2 do"));
  CHECK(has(conclusions[0].remedy, "every generation"));
}

TEST_CASE("icv: several SAs with altered packets share one conclusion") {
  const SaText one{}, two{.source = "192.0.2.2", .destination = "192.0.2.1", .spi = 0x2002, .algorithms = other_gcm};
  Rig rig{{one, two}};
  rig.feed(esp_frame(one, 1));
  rig.feed(esp_frame(two, 1));
  rig.feed(forged(esp_frame(one, 2)));
  rig.feed(forged(esp_frame(two, 2)));
  rig.finish();
  const auto conclusions = rig.concluded(codes::icv_bad);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].sas == std::vector<SaNumber>{1, 2});
  CHECK(conclusions[0].what == "2 packets, #1 frame 3; #2 frame 4");
  CHECK(has(conclusions[0].why, "2 other packets of these SAs verify"));
}

TEST_CASE("icv: another truncation is named with both lengths") {
  SaText loaded{.algorithms = cbc_sha256}, sender = loaded;
  sender.algorithms.replace(sender.algorithms.size() - 3, 3, "96");
  const Conclusion out = conclusion_for({loaded}, sender);
  CHECK(has(out.why, "Frame 1 verifies with an ICV of 96 bits; keys.txt:1 says 128"));
  CHECK(has(out.remedy, "auth-trunc"));
  Rig rig{{loaded}};
  rig.feed(esp_frame(sender, 1));
  CHECK(has(rig.found(codes::icv_bad).at(0).message, "it verifies with another ICV length"));
}

TEST_CASE("icv: ESN on one side is named by side") {
  const SaText without{}, with{.esn = true};
  CHECK(has(conclusion_for({without}, with).why, "verifies with extended sequence numbers; keys.txt:1 has no"));
  CHECK(has(conclusion_for({with}, without).why, "verifies without extended sequence numbers; keys.txt:1 has"));
}

TEST_CASE("icv: exchanged keys are named with the SA that they belong to") {
  const SaText there{}, back{.source = "192.0.2.2", .destination = "192.0.2.1", .spi = 0x2002, .algorithms = other_gcm};
  SaText sender = there;
  sender.algorithms = other_gcm;
  const Conclusion out = conclusion_for({there, back}, sender);
  CHECK(has(out.why,
            "Frame 1 verifies with the keys of the other direction, 192.0.2.2 > 192.0.2.1 SPI 0x00002002 (keys.txt:"));
}

TEST_CASE("icv: keys of another time are blamed on the key file") {
  SaText sender{};
  sender.algorithms = other_gcm;
  const Conclusion out = conclusion_for({SaText{}}, sender);
  CHECK(has(out.why, "the keys at keys.txt:1 are not those of this capture"));
  CHECK(has(out.remedy, "each rekey brings new keys"));
}

TEST_CASE("icv: a key of zeros is blamed on lockdown") {
  const SaText loaded{.algorithms = "aead rfc4106(gcm(aes)) 0x0000000000000000000000000000000000000000 128"};
  const Conclusion out = conclusion_for({loaded}, SaText{});
  CHECK(has(out.why, "all zeros: a kernel in lockdown mode hides keys so"));
}

TEST_CASE("icv: a bad packet captured twice is one finding") {
  const SaText sa{};
  Rig rig{{sa}};
  rig.feed(forged(esp_frame(sa, 1)));
  rig.feed(forged(esp_frame(sa, 1)), {.gap = 1'000});
  CHECK(rig.found(codes::icv_bad).size() == 1);
}
