// Importer of Wireshark's `esp_sa`, as Wireshark and strongSwan's save-keys write it. Tables of IKE keys are
// recognised.
#pragma once

#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

void read_wireshark_tables(std::string_view text, Intake&);

}  // namespace espdump::keys
