// Packets in the clear on the side of a VPN gateway where all should be ESP.
#pragma once

#include <set>
#include <vector>

#include "analysis/gateway_protect.hpp"
#include "analysis/protect_ways.hpp"

namespace espdump {

struct ProtectClear {
  std::vector<ProtectViolation> leaks;
  std::set<ProtectIndex> leaked;     // packets of the protected side that are among them
  std::uint64_t decrypted = 0;       // shown by the host that decrypted them, on the interface they came in by
  std::uint64_t entered = 0;         // for the protected side, and in the clear
  std::uint64_t allowed = 0;         // of hosts that no SA is for
  std::uint64_t on_all_devices = 0;  // captured on all interfaces, of which the protected one may be among
};

// `left` are packets of the protected side that are in no ESP packet: what is in the clear may be one of them, altered.
ProtectClear judge_clear(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways,
                         const std::vector<ProtectIndex>& left);

}  // namespace espdump
