// The verdict on a VPN gateway, and in words what stands in its way.
#pragma once

#include "analysis/gateway_protect.hpp"
#include "analysis/protect_clear.hpp"

namespace espdump {

struct ProtectFacts {
  std::uint64_t bare = 0;  // packets under SAs whose cipher is none
  void count_cipher(const SecurityAssociation* sa);
};

// Completes the report, of which everything else is there.
void conclude(const ProtectSide& plain, const ProtectSide& outer, const ProtectClear& clear, const ProtectFacts& facts,
              ProtectReport& report);

}  // namespace espdump
