// Importer of strongSwan's log, where charon writes the keys of CHILD_SAs (`chd = 4`) and of IKE SAs (`ike = 4`). Read
// off logs of strongSwan 5.9 and 6.0.
#pragma once

#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

void read_charon_log(std::string_view text, Intake&);

}  // namespace espdump::keys
