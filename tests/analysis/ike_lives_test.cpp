// IKE SAs that stand beside each other, and those that nobody authenticated again.
#include <espdump/codes.hpp>

#include "support/capture_rig.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

Findings weak_in(CaptureRig& rig, const std::string& capture) {
  rig.read({capture});
  return rig.found(codes::ike_weak_life);
}

}  // namespace

TEST_CASE("IKE lives: both ends initiated at once") {
  CaptureRig rig{"captures/ike-duplicate/charon.log"};
  const Findings findings = weak_in(rig, "ike-duplicate/wire.pcap");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].info->severity == Severity::info);
  CHECK(findings[0].ike_sa == 2);
  CHECK(
      contains(findings[0].message, "stands beside #A between the same peers, 'g1.lab.example' and 'g2.lab.example'"));
  CHECK(contains(findings[0].remedy, "unique = replace"));
}

TEST_CASE("IKE lives: without keys nobody knows whose they are") {
  CaptureRig rig{""};
  CHECK(weak_in(rig, "ike-duplicate/wire.pcap").empty());
}

TEST_CASE("IKE lives: AUTH_LIFETIME went by") {
  CaptureRig rig{"captures/ike-auth-lifetime/charon.log"};
  const Findings findings = weak_in(rig, "ike-auth-lifetime/wire.pcap");
  REQUIRE(findings.size() == 1);
  CHECK(contains(findings[0].message, "deleted 13.3 s after it began, and nobody authenticated again"));
  CHECK(contains(findings[0].message, "198.51.100.1 wanted that within 12 s"));
}

TEST_CASE("IKE lives: rekeyings, also by both ends at once, leave nothing to say") {
  const auto name = GENERATE("ikev2-psk-rekey", "ike-simultaneous-ike", "ike-simultaneous", "ike-eap", "ikev2-mlkem");
  CaptureRig rig{std::string{"captures/"} + name + "/charon.log"};
  INFO(name);
  CHECK(weak_in(rig, std::string{name} + "/wire.pcap").empty());
}
