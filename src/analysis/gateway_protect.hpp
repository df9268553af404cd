// The other half of a gateway's duty: what comes from the protected side leaves encrypted, once, unchanged, and never
// in the clear.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <espdump/finding.hpp>
#include <espdump/keystore.hpp>

#include "analysis/gateway.hpp"
#include "analysis/protect_changes.hpp"
#include "analysis/protect_losses.hpp"
#include "analysis/protect_side.hpp"

namespace espdump {

struct ProtectViolation {
  enum class Kind : std::uint8_t { leaked, not_sent, modified, twice, outside };
  const FindingInfo* info = nullptr;
  Kind kind = Kind::leaked;
  FrameNumber plain_frame = 0, outer_frame = 0;  // 0: none
  std::uint16_t plain_file = 0, outer_file = 0;
  ClearHosts hosts;  // those of the protected side, where that has it
  SaNumber sa = 0;
  ProtectChange change;                        // of a modified one, and of one that leaked altered
  std::uint64_t plain_key = 0, outer_key = 0;  // of altered ones: ProtectKeys::whole, to find their bytes again
};

struct ProtectReport {
  GatewayVerdict verdict = GatewayVerdict::inconclusive;
  std::vector<std::string> reasons;  // why it is inconclusive
  std::vector<std::string> notes;    // worth knowing, and no violation
  std::vector<ProtectViolation> violations;
  std::uint64_t plain = 0;       // packets on the protected side; fragments of one count once
  std::uint64_t encrypted = 0;   // of these, inside ESP on the other
  std::uint64_t entered = 0;     // of these, for the protected side: they came out of the gateway
  std::uint64_t not_ours = 0;    // of these, of hosts that no SA is for
  std::uint64_t not_judged = 0;  // of these, what nobody can tell
  std::uint64_t refused = 0;     // of these, what did not leave, as an ICMP error told its sender
  std::array<std::uint64_t, protect_doubts> doubts{};
  std::uint64_t copies = 0;  // captured twice, and counted once
  std::uint64_t esp = 0, opened = 0;
  std::uint64_t unseen = 0;  // opened packets that the protected side does not have
  std::int64_t offset = 0;   // how far the clock of the other side is ahead, where that shows
};

ProtectReport judge_protection(const ProtectSide& plain, const ProtectSide& outer, const Keystore& keystore);

}  // namespace espdump
