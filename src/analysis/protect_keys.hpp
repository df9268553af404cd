// What an IP packet is known by on both sides of a VPN gateway: as it is, or altered on the way into ESP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <espdump/address.hpp>
#include <espdump/bytes.hpp>

#include "analysis/traffic.hpp"

namespace espdump {

// Where the fields of an IP packet are.
struct IpFacts {
  IpAddress source, destination;
  std::uint8_t protocol = 0;      // of what lies behind all IP headers
  std::uint32_t id = 0;           // IPv4 identification, or IPv6 flow label
  std::uint32_t fragment_id = 0;  // of a fragment
  std::size_t size = 0;           // of the packet, by its own length
  std::size_t upper = 0;          // offset of what lies behind all IP headers
  std::uint8_t ttl = 0;
  bool fragment = false;        // a piece, not a whole packet
  bool first_fragment = false;  // the piece with the upper header
  bool cut = false;             // the capture does not have all of it
};
// Nothing where it is no IP packet, or contradicts itself.
std::optional<IpFacts> ip_facts(Bytes packet);

// One that IKE goes by, also behind a NAT.
bool is_ike_port(std::uint16_t port);
// In the terms of a selector.
Traffic traffic_of(const IpFacts& facts, Bytes packet);

// Keyed hashes of a whole packet or a piece; 0: has none.
struct ProtectKeys {
  std::uint64_t whole = 0;    // all but what routers change: TTL, DSCP and ECN, checksum
  std::uint64_t lean = 0;     // and but identification, flags and flow label, which BEET cannot always carry
  std::uint64_t content = 0;  // what lies behind the IP headers but ports and checksum, which NAT changes
  std::uint64_t stream = 0;   // TCP: its numbers, flags and length
};
// Of a packet that is not cut. A checksum that its sender left to the network card counts as computed.
ProtectKeys protect_keys(const IpFacts& facts, Bytes packet);

// The whole packet with the checksum of TCP or UDP computed, where a capture on the sender shows it before the network
// card did that; empty where nothing is to be done.
std::vector<std::uint8_t> with_checksum(const IpFacts& facts, Bytes packet);

}  // namespace espdump
