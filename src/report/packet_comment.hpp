// What stands beside a decrypted packet in a pcapng file.
#pragma once

#include <string>

#include <espdump/decoder.hpp>
#include <espdump/packet.hpp>

namespace espdump {

// Where an inner packet came from and what was found out on the way: a line for each IPsec header it was in, a line
// for each finding about them. `capture` is the name of the file; empty: there is but one.
std::string packet_comment(const Packet& packet, const InnerPacket& inner, const Decoder& decoder,
                           const std::string& capture);

}  // namespace espdump
