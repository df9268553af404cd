// Which high halves of an ESN number to try where the window does not tell it yet (RFC 4303 appendix A).
#pragma once

#include <cstdint>
#include <vector>

#include <espdump/sa.hpp>

namespace espdump {

// Candidates for the first packet of a session, the likeliest first: around the positions that dumps gave, then 0
// and 1; with `wide` also all up to 4096, for captures that begin in the life of an SA whose dump is not at hand.
std::vector<std::uint32_t> first_high_halves(const SecurityAssociation& association, bool wide);

}  // namespace espdump
