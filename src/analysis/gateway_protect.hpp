// The other half of a gateway's duty: what comes from the protected side leaves encrypted, once, and never in the
// clear.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <espdump/finding.hpp>
#include <espdump/keystore.hpp>

#include "analysis/gateway.hpp"
#include "analysis/gateway_side.hpp"

namespace espdump {

struct ProtectViolation {
  enum class Kind : std::uint8_t { leaked, not_sent, twice, outside };
  const FindingInfo* info = nullptr;
  Kind kind = Kind::leaked;
  FrameNumber plain_frame = 0, outer_frame = 0;  // 0: none
  std::uint16_t plain_file = 0, outer_file = 0;
  ClearHosts hosts;
  SaNumber sa = 0;
};

struct ProtectReport {
  GatewayVerdict verdict = GatewayVerdict::inconclusive;
  std::vector<std::string> reasons;
  std::vector<ProtectViolation> violations;
  std::uint64_t plain = 0;       // packets on the protected side
  std::uint64_t encrypted = 0;   // of these, inside ESP on the other
  std::uint64_t not_ours = 0;    // of these, of hosts that no SA is for
  std::uint64_t not_judged = 0;  // of these, when the other capture did not run
  std::uint64_t esp = 0, opened = 0;
  std::uint64_t unseen = 0;  // opened packets that the protected side does not have
  std::int64_t offset = 0;   // of the clocks, where they are seconds apart
};

ProtectReport judge_protection(const GatewaySide& plain, const GatewaySide& outer, const Keystore& keystore);

}  // namespace espdump
