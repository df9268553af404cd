// Names of IP protocols and ether types, as the IANA and IEEE registries have them.
#include <espdump/wire/names.hpp>

#include <vector>

#include "base/append.hpp"
#include "base/pseudonyms.hpp"

namespace espdump::wire {

std::string_view ip_protocol_name(std::uint8_t protocol) noexcept {
  switch (protocol) {
    case 0: return "IPv6 hop-by-hop options";
    case 1: return "ICMP";
    case 2: return "IGMP";
    case 4: return "IPv4";
    case 6: return "TCP";
    case 17: return "UDP";
    case 41: return "IPv6";
    case 43: return "IPv6 routing";
    case 44: return "IPv6 fragment";
    case 47: return "GRE";
    case 50: return "ESP";
    case 51: return "AH";
    case 58: return "ICMPv6";
    case 59: return "no next header";
    case 60: return "IPv6 destination options";
    case 88: return "EIGRP";
    case 89: return "OSPF";
    case 94: return "BEET pseudo header";
    case 103: return "PIM";
    case 108: return "IPComp";
    case 112: return "VRRP";
    case 115: return "L2TP";
    case 132: return "SCTP";
    case 135: return "mobility";
    case 139: return "HIP";
    case 140: return "shim6";
    case 144: return "AGGFRAG";
    default: return {};
  }
}

std::string_view ether_type_name(std::uint16_t type) noexcept {
  switch (type) {
    case 0x0800: return "IPv4";
    case 0x0806: return "ARP";
    case 0x6558: return "Ethernet";
    case 0x8100: return "VLAN";
    case 0x86dd: return "IPv6";
    case 0x8847: return "MPLS";
    case 0x8863: return "PPPoE discovery";
    case 0x8864: return "PPPoE session";
    case 0x888e: return "EAPOL";
    case 0x88a8: return "service VLAN";
    case 0x88cc: return "LLDP";
    case 0x88e5: return "MACsec";
    case 0x9100: return "VLAN, double tagged";
    default: return {};
  }
}

std::string hardware_address(Bytes address) {
  std::vector<std::uint8_t> other;
  if (const Pseudonyms* others = pseudonyms(); others != nullptr) address = other = others->of_hardware(address);
  std::string out;
  for (const std::uint8_t byte : address) append(out, "{}{:02x}", out.empty() ? "" : ":", byte);
  return out;
}

}  // namespace espdump::wire
