// Looks for a single flipped bit that explains why one packet of an otherwise good SA does not verify.
#pragma once

#include <cstdint>
#include <optional>

#include <espdump/packet.hpp>

#include "decode/opener.hpp"

namespace espdump {

// How many bytes find_flipped_bit() has verified at worst.
std::uint64_t repair_cost(const Opener& opener, const SealedPacket& packet);

// Turns each bit of sequence number, IV and ICV back in turn; the packet's sizes must be right. Takes one verification
// for each bit, some hundred in all.
std::optional<FlippedBit> find_flipped_bit(Opener& opener, const SealedPacket& packet, std::uint32_t high_half);

}  // namespace espdump
