// Internet Control Message Protocol, RFC 792; next-hop MTU: RFC 1191 section 4.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/address.hpp>
#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |     Type      |     Code      |          Checksum             | 0
// |    By type: identifier and number, gateway, or next-hop MTU   | 4
class Icmp {
 public:
  static constexpr std::string_view protocol = "icmp";
  static constexpr std::size_t type_offset = 0;
  static constexpr std::size_t code_offset = 1;
  static constexpr std::size_t checksum_offset = 2;
  static constexpr std::size_t rest_offset = 4;
  static constexpr std::size_t id_offset = 4;
  static constexpr std::size_t quote_length_offset = 5;  // RFC 4884: 32-bit words
  static constexpr std::size_t number_offset = 6;
  static constexpr std::size_t next_hop_mtu_offset = 6;
  static constexpr std::size_t size = 8;

  static constexpr std::uint8_t echo_reply = 0, unreachable = 3, source_quench = 4, redirect = 5, echo_request = 8,
                                time_exceeded = 11, parameter_problem = 12;
  static constexpr std::uint8_t fragmentation_needed = 4;  // a code of `unreachable`

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Icmp> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    return Icmp{bytes};
  }
  // For bytes already checked; asserts.
  static Icmp over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint8_t type() const { return bytes_[type_offset]; }
  [[nodiscard]] std::uint8_t code() const { return bytes_[code_offset]; }
  [[nodiscard]] std::uint16_t checksum() const { return read_u16(bytes_, checksum_offset); }
  [[nodiscard]] std::uint32_t rest() const { return read_u32(bytes_, rest_offset); }
  [[nodiscard]] std::uint16_t id() const { return read_u16(bytes_, id_offset); }
  [[nodiscard]] std::uint16_t number() const { return read_u16(bytes_, number_offset); }
  [[nodiscard]] std::uint16_t next_hop_mtu() const { return read_u16(bytes_, next_hop_mtu_offset); }
  [[nodiscard]] IpAddress gateway() const { return IpAddress{bytes_.subspan(rest_offset, 4)}; }
  [[nodiscard]] bool is_echo() const { return type() == echo_request || type() == echo_reply; }
  [[nodiscard]] bool is_fragmentation_needed() const { return type() == unreachable && code() == fragmentation_needed; }
  // The message quotes the packet that it is about.
  [[nodiscard]] bool is_error() const {
    return (type() >= unreachable && type() <= redirect) || type() == time_exceeded || type() == parameter_problem;
  }

 private:
  explicit Icmp(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
