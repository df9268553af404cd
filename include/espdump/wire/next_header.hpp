// The IANA protocol numbers that code has to know, in IPv4, in IPv6 and in the trailer of ESP.
#pragma once

#include <cstdint>

namespace espdump::wire::next_header {

inline constexpr std::uint8_t icmp = 1;
inline constexpr std::uint8_t ipv4 = 4;
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t ipv6 = 41;
inline constexpr std::uint8_t icmpv6 = 58;
inline constexpr std::uint8_t none = 59;      // RFC 4303 section 2.6: a dummy packet, carries nothing
inline constexpr std::uint8_t aggfrag = 144;  // RFC 9347: any number of packets, and pieces of some

}  // namespace espdump::wire::next_header
