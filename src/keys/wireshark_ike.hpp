// One row of Wireshark's `ikev2_decryption_table`, as strongSwan's save-keys writes it, too.
#pragma once

#include <cstddef>
#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

// Whether a line begins as rows of tables for IKE do: with an SPI of 16 hexadecimal digits.
bool is_ike_row(std::string_view line);
// Reads such a line. What is wrong with it is told.
void read_ike_row(std::string_view line, std::size_t number, Intake&);

}  // namespace espdump::keys
