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

}  // namespace espdump::wire
