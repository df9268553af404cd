// Packets of which nobody can say whether they left, for the other capture does not have all there was.
#pragma once

#include <array>
#include <vector>

#include "analysis/protect_pairs.hpp"

namespace espdump {

enum class ProtectDoubt : std::uint8_t {
  none,
  outside,   // the other capture did not run
  silence,   // it has nothing at all for a while in which packets of several hosts are missing
  lost,      // ESP numbers are missing in it
  unopened,  // ESP packets that could not be opened
  cut,       // by the snap length
  piece,     // a fragment whose datagram never became whole
  segments,  // a TCP segment captured before the network card, or behind it, made several of it
  refused,   // it did not leave, and an ICMP error told its sender: no violation, and counted by itself
  unknown,   // nothing shows which packets leave here
};
inline constexpr std::size_t protect_doubts = 10;

// Of each packet in `missing`, in their order: why it cannot be judged. Each missing number and each ESP packet that
// could not be opened stands for one packet.
std::vector<ProtectDoubt> find_doubts(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways,
                                      const ProtectPairs& pairs, const std::vector<ProtectIndex>& missing);

}  // namespace espdump
