// Importer of Libreswan's log with `plutodebug=private`, where pluto writes the keys of IPsec SAs and of IKE SAs.
#pragma once

#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

void read_pluto_log(std::string_view text, Intake&);

}  // namespace espdump::keys
