// Frames that are fragments of IP packets.
#pragma once

#include <espdump/packet.hpp>

namespace espdump {

// The layer that makes a frame a fragment; null where it is none, or inside a tunnel.
const Layer* fragment_in(const Packet& packet);

}  // namespace espdump
