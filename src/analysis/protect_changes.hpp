// What an altered packet was altered in, in words.
#pragma once

#include <string>

#include "analysis/protect_side.hpp"

namespace espdump {

struct ProtectChange {
  std::string what;         // "TCP MSS 1460 > 1306, TTL 63 > 64"
  bool clamps_mss = false;  // that, and nothing else
};
// Of two whole IP packets. TTL may go down, DSCP and ECN may change, and checksums follow from what they cover.
ProtectChange changes_between(Bytes before, Bytes after);

// What the records alone can tell, where nobody has the bytes any more.
ProtectChange changes_between(const ProtectSide& side, const ProtectPacket& before, const ProtectSide& other,
                              const ProtectPacket& after);

}  // namespace espdump
