// ICMPv6, RFC 4443; neighbor discovery: RFC 4861 section 4.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/address.hpp>
#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |     Type      |     Code      |          Checksum             | 0
// |           By type: identifier and number, or MTU              | 4
// |     Target address (neighbor solicitation, advertisement)     | 8
class Icmpv6 {
 public:
  static constexpr std::string_view protocol = "icmpv6";
  static constexpr std::size_t type_offset = 0;
  static constexpr std::size_t code_offset = 1;
  static constexpr std::size_t checksum_offset = 2;
  static constexpr std::size_t quote_length_offset = 4;  // RFC 4884: 64-bit words
  static constexpr std::size_t mtu_offset = 4;
  static constexpr std::size_t id_offset = 4;
  static constexpr std::size_t number_offset = 6;
  static constexpr std::size_t target_offset = 8;
  static constexpr std::size_t size = 8;
  static constexpr std::size_t size_with_target = 24;

  static constexpr std::uint8_t unreachable = 1, packet_too_big = 2, time_exceeded = 3, parameter_problem = 4,
                                echo_request = 128, echo_reply = 129, neighbor_solicitation = 135,
                                neighbor_advertisement = 136;

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Icmpv6> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    if (Icmpv6{bytes}.has_target() && bytes.size() < size_with_target) return std::nullopt;
    return Icmpv6{bytes};
  }
  // For bytes already checked; asserts.
  static Icmpv6 over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint8_t type() const { return bytes_[type_offset]; }
  [[nodiscard]] std::uint8_t code() const { return bytes_[code_offset]; }
  [[nodiscard]] std::uint16_t checksum() const { return read_u16(bytes_, checksum_offset); }
  [[nodiscard]] std::uint32_t mtu() const { return read_u32(bytes_, mtu_offset); }
  [[nodiscard]] std::uint16_t id() const { return read_u16(bytes_, id_offset); }
  [[nodiscard]] std::uint16_t number() const { return read_u16(bytes_, number_offset); }
  [[nodiscard]] bool is_echo() const { return type() == echo_request || type() == echo_reply; }
  // The message quotes the packet that it is about.
  [[nodiscard]] bool is_error() const { return type() >= unreachable && type() <= parameter_problem; }
  [[nodiscard]] bool has_target() const { return type() == neighbor_solicitation || type() == neighbor_advertisement; }
  // No address where the message carries none.
  [[nodiscard]] IpAddress target() const {
    return has_target() ? IpAddress{bytes_.subspan(target_offset, 16)} : IpAddress{};
  }

 private:
  explicit Icmpv6(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
