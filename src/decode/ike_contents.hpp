// What the payloads of an IKEv2 message say, copied out of the packet in bounded size.
#pragma once

#include <cstdint>

#include <espdump/bytes.hpp>
#include <espdump/ike.hpp>

namespace espdump {

// Adds what a chain of payloads says; `first` is the type of its first one. The chain before an encrypted payload and
// that inside it are read one after the other.
void read_ike_contents(std::uint8_t first, Bytes chain, IkeContents& contents);

}  // namespace espdump
