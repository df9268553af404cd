// Which packet of the protected side is which one out of ESP, as it is or altered.
#pragma once

#include <utility>
#include <vector>

#include "analysis/protect_ways.hpp"

namespace espdump {

struct ProtectPairs {
  std::vector<ProtectIndex> opened_of;  // by packet of the protected side
  std::vector<ProtectIndex> plain_of;   // by packet out of ESP
  std::vector<bool> copies;             // packets of the protected side that were captured a second time
  std::vector<std::pair<ProtectIndex, ProtectIndex>> again;  // encrypted once more: plain, opened
};

// What is judged: not a piece whose datagram became whole, not a copy.
bool is_unit(const ProtectSide& side, ProtectIndex clear);

// Finds equal packets, learns from them which way they go, and pairs them in time.
ProtectPairs pair_protected(const ProtectSide& plain, const ProtectSide& outer, ProtectWays& ways);

// Packets that are no longer equal, by what an alteration leaves as it was. Where more than one could be meant, none
// is.
struct AlteredPair {
  ProtectIndex plain = no_packet, other = no_packet;
};
struct AlteredSearch {
  std::vector<ProtectIndex> plain;  // of the protected side, unpaired
  std::vector<ProtectIndex> other;  // unpaired, of opened() or clear()
  bool in_clear = false;
};
std::vector<AlteredPair> find_altered(const ProtectSide& plain, const ProtectSide& outer, const ProtectWays& ways,
                                      const AlteredSearch& search);

}  // namespace espdump
