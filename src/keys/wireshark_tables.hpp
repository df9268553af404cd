// Importer of Wireshark's `esp_sa` and `ikev2_decryption_table`, as Wireshark and strongSwan's save-keys write them.
#pragma once

#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

void read_wireshark_tables(std::string_view text, Intake&);

}  // namespace espdump::keys
