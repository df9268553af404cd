// User Datagram Protocol, RFC 768.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |          Source Port          |       Destination Port        | 0
// |            Length             |           Checksum            | 4
class Udp {
 public:
  static constexpr std::string_view protocol = "udp";
  static constexpr std::size_t source_port_offset = 0;
  static constexpr std::size_t destination_port_offset = 2;
  static constexpr std::size_t length_offset = 4;
  static constexpr std::size_t checksum_offset = 6;
  static constexpr std::size_t size = 8;

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Udp> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    return Udp{bytes};
  }
  // For bytes already checked; asserts.
  static Udp over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint16_t source_port() const { return read_u16(bytes_, source_port_offset); }
  [[nodiscard]] std::uint16_t destination_port() const { return read_u16(bytes_, destination_port_offset); }
  [[nodiscard]] std::uint16_t length() const { return read_u16(bytes_, length_offset); }
  [[nodiscard]] std::uint16_t checksum() const { return read_u16(bytes_, checksum_offset); }

 private:
  explicit Udp(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
