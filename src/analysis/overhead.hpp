// What an SA adds to a packet, and what of a path MTU is left inside it: RFC 4303 section 2, RFC 4302 section 3.3.3.2,
// RFC 3948, and what Linux computes for its routes (xfrm_state_mtu(), which is not the same in BEET mode).
// All sizes are bytes of whole IP packets, with their IP headers.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include <espdump/sa.hpp>

namespace espdump {

// All that the size of a packet depends on.
struct Overhead {
  IpsecProtocol protocol = IpsecProtocol::esp;
  SaMode mode = SaMode::tunnel;  // transport, tunnel or beet
  Family outer = Family::ipv4;
  Family inner = Family::ipv4;  // of BEET; elsewhere nothing depends on it
  Encapsulation encapsulation = Encapsulation::none;
  std::size_t iv = 0, block = 4, icv = 0;
  bool align4 = true;  // of AH under IPv4
};

// Of an SA, whatever the state of its keys; `inner` is the family that a BEET SA without a selector is taken to have.
// Nothing where mode or algorithms are not known, or packets do not go one by one (IP-TFS).
std::optional<Overhead> overhead_of(const SecurityAssociation& sa, Family inner = Family::none);

// Whether packets of that family go through it: transport mode leaves the family as it is, BEET names it, a tunnel
// carries both.
bool carries(const Overhead& overhead, Family family);

// The packet that comes of one of `inner` bytes. In TCP (RFC 9329) without the headers of that.
std::size_t outer_size(const Overhead& overhead, std::size_t inner);
// The least and the most that is added, as padding has it.
std::pair<std::size_t, std::size_t> added_by(const Overhead& overhead);

// The largest packet that leaves in one piece; 0: the path MTU is too small for any.
std::size_t largest_inner(const Overhead& overhead, std::size_t path_mtu);
// The route MTU that Linux gives the SA; 0 as above.
std::size_t linux_mtu(const Overhead& overhead, std::size_t path_mtu);
// The MTU to configure: what fits and Linux lets through.
std::size_t safe_mtu(const Overhead& overhead, std::size_t path_mtu);

// The largest TCP segment without options in an IP packet of that size; 0: none. Timestamps count as payload.
std::size_t mss_of(std::size_t packet, Family family);

}  // namespace espdump
