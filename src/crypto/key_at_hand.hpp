// Whether a key file gives the key of an algorithm.
#pragma once

#include <espdump/result.hpp>
#include <espdump/sa.hpp>

namespace espdump {

// Fails where it keeps the key back, with what to do.
Status key_at_hand(const AlgorithmUse& use);

}  // namespace espdump
