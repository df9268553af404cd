// Importer of scripts and `ip -batch` files with `ip xfrm state add` and `update`.
#pragma once

#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

// Reads every such command that is there, in linear time; other commands are passed over. Executes nothing.
void read_xfrm_script(std::string_view text, Intake&);

}  // namespace espdump::keys
