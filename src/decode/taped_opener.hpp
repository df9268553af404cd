// Openers that note what trying comes to, and openers that know it from there.
#pragma once

#include <memory>

#include "decode/opener.hpp"
#include "decode/tape.hpp"

namespace espdump {

// The opener as it is, where the run has no tape.
std::unique_ptr<Opener> taped(std::unique_ptr<Opener> opener, const SecurityAssociation& sa, const Tape& tape);

}  // namespace espdump
