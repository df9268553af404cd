// What an opened packet carries, in the terms of a selector (RFC 4301 section 4.4.1.1).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <espdump/packet.hpp>
#include <espdump/sa.hpp>

namespace espdump {

struct Traffic {
  IpAddress source, destination;
  std::uint8_t protocol = 0;
  std::optional<std::uint16_t> source_port, destination_port;  // ICMP: type and code; absent where not to be seen
  bool addresses_outside = false;  // they are those of the IP header around ESP or AH: transport mode
};

// That of the packet inside `record`: the first of them where it carries several. Nothing where none was opened.
std::optional<Traffic> traffic_inside(const Packet& packet, const OpenRecord& record);

// Ports that are not to be seen fit any.
bool covers(const Selector& selector, const Traffic& traffic);
// Whether the SA may carry it: its own selector counts; an SA without takes what its policies let through.
bool is_covered(const SecurityAssociation& sa, const Traffic& traffic);
// Whether its selector, or where it has none a policy, names some traffic and not just all of it.
bool names_traffic(const SecurityAssociation& sa);
// Each selector by which it does.
void for_each_named(const SecurityAssociation& sa, const std::function<void(const Selector&)>& take);
// Transport mode around a tunnel that is not IPsec's own, as of an `ipip` device: the SA is about that tunnel's ends.
bool is_covered_around(const SecurityAssociation& sa, const OpenRecord& record);
// It was, by someone who received it: authentic, and no second capture.
bool was_opened(const OpenRecord& record);
// The SAs of a bundle, as of AH around ESP, are made for one policy: it is about what is left when all are undone.
bool is_covered_further_in(const Packet& packet, const OpenRecord& record, const SecurityAssociation& sa);

// "192.168.1.2 > 192.168.2.2 TCP 49152 > 443", "10.1.0.1 > 10.1.0.2 ICMP type 8 code 0"
std::string to_string(const Traffic& traffic);
// "10.0.1.0/24 > 10.0.2.0/24 TCP any > 443"
std::string to_string(const Selector& selector);

}  // namespace espdump
