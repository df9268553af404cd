// What both versions of the Linux cooked capture header share (LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2).
#pragma once

#include <cstdint>
#include <string_view>

#include <espdump/bytes.hpp>
#include <espdump/wire/ethernet.hpp>

namespace espdump::wire {

// In which direction the frame went, seen from the host that captured it; empty for unknown numbers.
constexpr std::string_view cooked_packet_type_name(std::uint16_t type) {
  switch (type) {
    case 0: return "to us";
    case 1: return "broadcast";
    case 2: return "multicast";
    case 3: return "to another host";
    case 4: return "sent by us";
    default: return {};
  }
}

// For some device types the protocol field holds something else than an ether type.
constexpr bool names_ether_type(std::uint16_t device_type, std::uint16_t protocol) {
  constexpr std::uint16_t frame_relay = 770, radiotap = 803, netlink = 824;
  if (device_type == frame_relay || device_type == radiotap || device_type == netlink) return false;
  return protocol >= Ethernet::smallest_type;
}

// Linux cooked captures on `any` cut the outer of two VLAN tags short: four bytes of the inner tag then stand before
// the packet, although the protocol field already names the packet. Such a frame is a leftover of capturing (the same
// packet is captured again on the VLAN device), and cannot be read as `protocol`.
inline bool is_leftover_of_vlan_tag(std::uint16_t protocol, Bytes payload) {
  constexpr std::uint16_t ipv4 = 0x0800, ipv6 = 0x86dd;
  if ((protocol != ipv4 && protocol != ipv6) || payload.size() < 5 || read_u16(payload, 2) != protocol) return false;
  const int version = protocol == ipv4 ? 4 : 6;
  return payload[0] >> 4 != version && payload[4] >> 4 == version;
}

}  // namespace espdump::wire
