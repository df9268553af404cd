// Why an ICV does not verify, in words.
#pragma once

#include <string>

#include <espdump/decoder.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// Behind "the ICV does not verify: ".
std::string cause_text(const OpenRecord& record);

// "bit 3 of byte 6 (sequence number)"; the bytes of ESP or AH count from 0, bit 0 is the lowest.
std::string place_of(const FlippedBit& flipped);

struct Explanation {
  std::string why, remedy;
};
// What trying proved about an SA of which no packet verifies. Without a diagnosis its key must be all zeros.
Explanation explain_icv(const Keystore& keystore, const SaStatistics& sa);

}  // namespace espdump
