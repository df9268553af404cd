// `ip xfrm policy`: which traffic goes through which SAs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <espdump/keystore.hpp>
#include <espdump/sa.hpp>

#include "keys/sa_table.hpp"

namespace espdump::keys {

// What an SA must be like to serve a policy (RFC 4301 section 4.4.1.2). Addresses that are unspecified fit all.
struct PolicyTemplate {
  IpAddress source, destination;
  IpsecProtocol protocol = IpsecProtocol::esp;
  std::uint32_t spi = 0;    // 0: any; IKE daemons write that of the SA they made the policy with
  std::uint32_t reqid = 0;  // 0: any
  SaMode mode = SaMode::transport;
};

enum class PolicyDirection : std::uint8_t { in, out, forward };

struct Policy {
  Selector selector;
  PolicyDirection direction = PolicyDirection::in;
  std::vector<PolicyTemplate> templates;  // of ESP and AH; the innermost first
  std::uint32_t mark = 0, mark_mask = 0;
  std::uint32_t if_id = 0;
  std::uint32_t priority = 0;  // the lower one wins
  bool block = false;
  std::size_t line = 0;
};

// Reads the policies of a text, any -s or -o form of it. The error: there is none.
Result<ImportReport> read_xfrm_policy(const std::string& name, Bytes text, std::vector<Policy>& into);

// Gives every SA of the table the selectors of the policies it serves, and where it has none of its own, and they
// agree (or in BEET mode, which needs one, the most urgent policy's), that one as its selector.
void apply_policies(const std::vector<Policy>& policies, SaTable& table);

}  // namespace espdump::keys
