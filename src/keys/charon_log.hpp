// Importer of strongSwan's log at `chd = 4`, where charon writes the keys of CHILD_SAs. Keys of IKE SAs
// (`ike = 4`) are recognised.
#pragma once

#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

void read_charon_log(std::string_view text, Intake&);

}  // namespace espdump::keys
