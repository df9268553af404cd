// What stands where in an Ethernet frame with ESP, and what routers, bridges and NATs make of it. Shares no code with
// the library.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "support/craft.hpp"

namespace espdump::test {

// Offsets from the start of the frame.
struct FrameParts {
  std::size_t ip = 14, upper = 0, payload = 0;  // behind UDP, where there is any
  std::size_t end = 0;                          // of the IP packet
  std::uint8_t protocol = 0;                    // of the upper layer
  bool ipv4 = true, udp = false;
  bool fragment = false, first = true;  // of a fragment that is not the first, `payload` is somewhere inside
  [[nodiscard]] bool is_esp(const Octets& frame) const;
};
FrameParts parts_of(const Octets& frame);

// Writes bytes at an even distance from the IP header and puts the checksums of IPv4 and UDP right (RFC 1624), unless
// the latter is 0.
void rewrite(Octets& frame, std::size_t at, const Octets& bytes);

Octets routed(Octets frame, int hops = 1);  // negative: a router that adds
Octets with_tos(Octets frame, std::uint8_t tos);
Octets with_flow_label(Octets frame, std::uint32_t label);
Octets with_id(Octets frame, std::uint16_t id, bool dont_fragment);
Octets with_source(Octets frame, std::string_view address, std::uint16_t port = 0);  // port 0: as it is
Octets with_destination(Octets frame, std::string_view address);
Octets tagged(const Octets& frame, std::uint16_t vlan);

// Of a whole IPv4 or IPv6 packet. `cut`: bytes of the first fragment behind the IP header, a multiple of 8.
std::vector<Octets> fragments_of(const Octets& frame, std::size_t cut, std::uint32_t id);

}  // namespace espdump::test
