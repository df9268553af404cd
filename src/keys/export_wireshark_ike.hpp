// Writes Wireshark's table of IKE SAs, `ikev2_decryption_table`.
#pragma once

#include <span>
#include <vector>

#include <espdump/keystore.hpp>

#include "keys/secret_output.hpp"

namespace espdump::keys {

// A row for each set of keys that Wireshark can make something of. The result: what it cannot.
std::vector<ImportProblem> export_wireshark_ike(std::span<const IkeKeys>, SecretOutput&);

}  // namespace espdump::keys
