// Importers of what setkey of ipsec-tools and of the BSDs prints (`setkey -D`) and of what it is given (`add …;`).
// setkey names no ICV length. It is what the kernel of Linux takes for a key that comes by PF_KEY: 96 bits for MD5,
// SHA-1, SHA-256 and RIPEMD-160, 192 for SHA-384, 256 for SHA-512.
#pragma once

#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

void read_setkey_dump(std::string_view text, Intake&);
void read_setkey_script(std::string_view text, Intake&);

// What dump and script have in common: protocol and encapsulation of "esp", "esp-udp", "ah", "ah-old"; false: it is
// something else.
bool set_setkey_protocol(std::string_view word, SecurityAssociation& sa);
// "10.0.0.1" or "10.0.0.1[4500]".
struct SetkeyAddress {
  IpAddress address;
  std::uint16_t port = 0;
};
std::optional<SetkeyAddress> read_setkey_address(std::string_view word);
// A cipher (`-E`, `E:`) or an integrity algorithm (`-A`, `A:`) goes to its place in the SA.
void set_setkey_algorithm(SecurityAssociation& sa, bool cipher, std::string_view name, Pieces key, std::size_t line,
                          Intake&);

}  // namespace espdump::keys
