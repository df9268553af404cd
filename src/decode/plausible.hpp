// Whether what a cipher yields can be an inner packet: the only check where no ICV vouches for it.
#pragma once

#include "crypto/esp_open.hpp"

namespace espdump {

// Nothing speaks against it. Where the plaintext itself is authentic, as under an AEAD, its padding need not prove that
// the key is right: Linux takes any.
bool is_plausible(const EspTrailer& trailer, bool authentic_plaintext = false);

// So much speaks for it that chance alone will hardly have made it.
bool is_convincing(const EspTrailer& trailer);

}  // namespace espdump
