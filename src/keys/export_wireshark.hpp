// Writes Wireshark's table of ESP SAs, `esp_sa`.
#pragma once

#include <span>
#include <vector>

#include <espdump/keystore.hpp>

#include "keys/secret_output.hpp"

namespace espdump::keys {

// A row for each SA that Wireshark can make something of. The result: what it cannot, or not in every version.
std::vector<ImportProblem> export_wireshark(std::span<const SecurityAssociation>, SecretOutput&);

}  // namespace espdump::keys
