// What a packet carries, taken out of it, so that a report can be handed on: headers stay, contents go.
#pragma once

#include <cstdint>
#include <vector>

#include <espdump/packet.hpp>

namespace espdump {

// To be done when everything that judges the packet has seen it. Each buffer ends behind the last header in it; names
// asked of DNS go; of IKE stay headers, proposals, selectors, notifications and identities, while what proves an
// identity or makes keys (AUTH, certificates, EAP, nonces, public values, configuration) is filled with the letter x.
// Where pseudonyms are in use identities and what notifications hold are filled, too.
void redact(Packet& packet);

// The headers of an inner packet with pseudonyms in the place of addresses and with checksums that do not give them
// away: IP, TCP, UDP, ESP and AH, and the types of ICMP, up to the first header that may hold addresses elsewhere.
std::vector<std::uint8_t> headers_with_pseudonyms(const Packet& packet, const InnerPacket& inner);

}  // namespace espdump
