// What key files hold, as a table for people or as JSON lines. Key bytes only where they are asked for.
#pragma once

#include <span>

#include <espdump/keystore.hpp>

#include "keys/secret_output.hpp"

namespace espdump {

// A line for each file, then the SAs with all that is to be known of them, then the IKE SAs. `width` as that of a
// TableFold.
void list_keys(std::span<const ImportReport> files, const Keystore&, bool show_secrets, std::size_t width,
               keys::SecretOutput&);

// One object for each SA and IKE SA; docs/keys.md names its members.
void list_keys_as_json(const Keystore&, bool show_secrets, keys::SecretOutput&);

}  // namespace espdump
