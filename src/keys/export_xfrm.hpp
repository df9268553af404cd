// Writes commands of iproute2 that set SAs up.
#pragma once

#include <span>
#include <vector>

#include <espdump/keystore.hpp>

#include "keys/secret_output.hpp"

namespace espdump::keys {

// `ip xfrm state add …`, one line for each SA. The result: SAs left out, and what a command cannot say.
std::vector<ImportProblem> export_xfrm(std::span<const SecurityAssociation>, SecretOutput&);

}  // namespace espdump::keys
