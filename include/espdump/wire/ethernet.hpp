// Ethernet header, IEEE 802.3 clause 3.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |                     Destination address                       | 0
// |                               |                               | 4
// |                       Source address                          | 8
// |        Type or length         |                                 12
class Ethernet {
 public:
  static constexpr std::string_view protocol = "ethernet";
  static constexpr std::size_t destination_offset = 0;
  static constexpr std::size_t source_offset = 6;
  static constexpr std::size_t type_offset = 12;
  static constexpr std::size_t size = 14;
  static constexpr std::size_t address_size = 6;
  // The field is a length up to 1500 and an ether type from 0x0600.
  static constexpr std::uint16_t largest_length = 1500;
  static constexpr std::uint16_t smallest_type = 0x0600;

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Ethernet> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    return Ethernet{bytes};
  }
  // For bytes already checked; asserts.
  static Ethernet over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] Bytes destination() const { return bytes_.subspan(destination_offset, address_size); }
  [[nodiscard]] Bytes source() const { return bytes_.subspan(source_offset, address_size); }
  [[nodiscard]] std::uint16_t type() const { return read_u16(bytes_, type_offset); }

 private:
  explicit Ethernet(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

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
