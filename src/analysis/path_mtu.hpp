// What the analysers of sizes share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <espdump/packet.hpp>
#include <espdump/path_facts.hpp>
#include <espdump/sa.hpp>

namespace espdump {

// The path MTU between two hosts, by the least that the packets of all SAs between them show, in either direction.
struct PathEvidence {
  enum class Kind : std::uint8_t { assumed, fragments, icmp } kind = Kind::assumed;
  std::size_t mtu = ethernet_mtu;
  std::size_t below = 0;  // of fragments: packets so large did not go in one piece
  FrameNumber frame = 0;  // of the ICMP or the fragment; 0: assumed
  // "1400 by the ICMP in frame 11", "1500, assumed"
  [[nodiscard]] std::string to_string() const;
};

class PathMtus {
 public:
  PathMtus(const PathFacts& paths, const Decoder& decoder);
  [[nodiscard]] PathEvidence of(SaNumber sa) const;

 private:
  using Hosts = std::pair<IpAddress, IpAddress>;
  std::map<SaNumber, Hosts> hosts_;
  std::map<Hosts, PathEvidence> evidence_;
};

// The largest size in `in_one` that is less than `below`; 0: none.
std::size_t largest_in_one(const SaSizes::InOne& in_one, std::size_t below);

// The MTU that an ICMP error tells; 0: a router from before RFC 1191, which does not. Nothing where it tells something
// else.
std::optional<std::uint32_t> mtu_told(const Packet& packet);

// Bytes of the IP packet on the wire that carried it, without options and extension headers.
std::size_t wire_size(const OpenRecord& record);
// Bytes of the IP packet that went into it; 0 where it was not opened.
std::size_t inner_size(const Packet& packet, const OpenRecord& record);
// Not inside another tunnel, and not in TCP, whose segments have sizes of their own.
bool has_size_of_its_own(const Packet& packet, const OpenRecord& record);

// "1346 bytes, a TCP MSS of 1306 (IPv4) or 1286 (IPv6)"; empty where the SA, its mode or its algorithms are not known.
std::string what_fits(const SecurityAssociation* sa, std::size_t path_mtu);

}  // namespace espdump
