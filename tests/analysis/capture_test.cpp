#include <fmt/core.h>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

const SaText plain{};

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("capture: cut frames are gathered under their code, with the first one's words") {
  Rig rig{{plain}};
  const Octets frame = esp_frame(plain, 1);
  rig.feed(frame, {.captured = 60});
  rig.feed(esp_frame(plain, 2), {.captured = 60});
  rig.feed(esp_frame(plain, 3), {.captured = 20});
  rig.finish();
  const Findings cut = rig.found(codes::esp_truncated_capture);
  REQUIRE(cut.size() == 2);
  CHECK(cut[0].info->severity == Severity::info);
  CHECK(cut[0].message ==
        "captured 26 of " + std::to_string(frame.size() - 34) + " bytes of ESP: the ICV is not in the capture");
  const auto conclusions = rig.concluded(codes::esp_truncated_capture);
  REQUIRE(conclusions.size() == 1);
  CHECK(conclusions[0].what == "2 frames, frames 1-2");
  CHECK(has(conclusions[0].why, "First, frame 1: captured 26 of"));
  CHECK(conclusions[0].sas == std::vector<SaNumber>{1});
  REQUIRE(rig.concluded(codes::capture_truncated).size() == 1);
  CHECK(rig.concluded(codes::capture_truncated)[0].what == "1 frame, frame 3");
}

TEST_CASE("capture: datagrams whose fragments are missing are told") {
  Rig rig{{plain}};
  const Octets esp = esp_of(plain, 1, inner_v4(1, 200));
  const Octets part(esp.begin(), esp.begin() + 80);
  rig.feed(ethernet_frame(outer_packet(plain, 50, part, {.id = 1, .mf = true})));
  rig.finish();
  REQUIRE(rig.concluded(codes::capture_truncated).size() == 1);
  CHECK(rig.concluded(codes::capture_truncated)[0].what == "1 datagram with fragments missing");
}

TEST_CASE("capture: more flows than are kept are told, and what that means") {
  Rig rig{{plain}};
  SaText unknown;
  for (std::uint32_t n = 0; n < 1024 + 3; ++n) {
    unknown.spi = 0x9000 + n;
    rig.feed(esp_frame(unknown, 1));
  }
  rig.finish();
  const auto told = rig.concluded(codes::limit_reached);
  REQUIRE(told.size() == 1);
  CHECK(told[0].what == "3 packets of ESP or AH on further SPIs, or from further addresses, than are kept");
  REQUIRE(rig.found(codes::limit_reached).size() == 1);
  CHECK(rig.found(codes::limit_reached)[0].message == told[0].what + ": " + told[0].why);
}

TEST_CASE("capture: SAs that are not tried are told, with their own remedy") {
  std::vector<SaText> sas;
  for (int n = 0; n < 66; ++n) {
    SaText& sa = sas.emplace_back();
    sa.algorithms.replace(sa.algorithms.find("0x") + 2, 2, fmt::format("{:02x}", n + 1));
  }
  Rig rig{sas};
  rig.feed(esp_frame(sas[60], 1));
  rig.feed(esp_frame(sas[65], 2));
  rig.finish();
  CHECK(rig.sa(0).icv_ok == 1);
  const auto told = rig.concluded(codes::limit_reached);
  REQUIRE(told.size() == 1);
  CHECK(told[0].what == "2 SAs beyond the first 64 of their SPI");
  CHECK(told[0].remedy == "Give the SAs of this capture alone.");
}

TEST_CASE("capture: a clean capture concludes nothing") {
  Rig rig{{plain}};
  rig.feed(esp_frame(plain, 1));
  rig.finish();
  for (const FindingInfo* code : codes::all()) CHECK(rig.concluded(*code).empty());
}
