// What a daemon logged of its side of a negotiation. An IKE message shows what is asked for, never what would have been
// granted; the log of the end that refused has both.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <espdump/wire/ikev2_payloads.hpp>

namespace espdump {

// The proposals that came from the other end, and those of this end's configuration.
struct LoggedProposals {
  std::vector<wire::IkeProposal> received, configured;
  std::string file;
  std::size_t line = 0;
};

// The traffic selectors that a responder was asked for, and those of its configuration. `here` is its own side. Each is
// as the log has it, with blanks between several, and safe to print.
struct LoggedSelectors {
  std::string asked_here, asked_there;
  std::string allowed_here, allowed_there;  // empty: the log does not say
  std::string file;
  std::size_t line = 0;
};

}  // namespace espdump
