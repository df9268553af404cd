// Importer of `ip xfrm state` in its plain, -s, -d and -o forms, and of `ip xfrm monitor`.
#pragma once

#include <cstddef>
#include <string_view>

#include "keys/intake.hpp"

namespace espdump::keys {

// Reads everything that is there, in linear time; what cannot be used becomes a problem. The number of
// records of `ip xfrm policy`, which hold no keys and are passed over.
std::size_t read_xfrm_state(std::string_view text, Intake&);

}  // namespace espdump::keys
