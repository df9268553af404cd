// What every reporter asks of a packet: who speaks with whom, outside and innermost, in which protocol.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/packet.hpp>

namespace espdump {

// One IP packet inside a frame.
struct Endpoints {
  IpAddress source, destination;
  std::optional<std::uint16_t> source_port, destination_port;
  std::string protocol;    // the layer behind IP: "tcp"; a number where no dissector knows it
  std::string title;       // the same in words: "TCP", "OSPF", "protocol 253"
  std::size_t length = 0;  // of the IP packet on the wire
};

// The outermost IP packet of the frame; nothing for ARP and the like.
std::optional<Endpoints> outer_endpoints(const Packet& packet);
// The innermost packet that an opened ESP packet carried; of several side by side the last. Nothing when none was
// opened.
std::optional<Endpoints> inner_endpoints(const Packet& packet);
// The same of ESP packets each inside the one before.
std::optional<Endpoints> inner_endpoints(const Packet& packet, const std::vector<const OpenRecord*>& nested);
// The innermost packet where the last IPsec header is AH: it stands open, whatever its ICV says.
std::optional<Endpoints> behind_ah(const Packet& packet);
// The essentials of the last layer that has any, skipping quotations: "TCP [S] seq 3214 win 64240".
std::string brief_of(const Packet& packet);
// The same of what the ESP or AH packet of `record` carries, and itself.
std::string brief_of(const Packet& packet, const OpenRecord& record);

// A TCP segment and an AGGFRAG payload hold several packets side by side.
// The records around and of one: each ESP or AH packet inside the one before.
std::vector<const OpenRecord*> nested_records(const Packet& packet, const OpenRecord& innermost);
// Whether that packet, or what carries it or it carries, became whole only with earlier frames' bytes.
bool is_reassembled(const Packet& packet, const OpenRecord& record);
// How many packets and messages have no other one inside.
std::size_t packets_side_by_side(const Packet& packet);

}  // namespace espdump
