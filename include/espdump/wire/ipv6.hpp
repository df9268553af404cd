// Internet Protocol version 6, RFC 8200 section 3.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/address.hpp>
#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |Version| Traffic Class |           Flow Label                  | 0
// |         Payload Length        |  Next Header  |   Hop Limit   | 4
// |                       Source Address                          | 8
// |                    Destination Address                        | 24
class Ipv6 {
 public:
  static constexpr std::string_view protocol = "ipv6";
  static constexpr std::size_t version_offset = 0;
  static constexpr std::size_t flow_label_offset = 1;
  static constexpr std::size_t payload_length_offset = 4;
  static constexpr std::size_t next_header_offset = 6;
  static constexpr std::size_t hop_limit_offset = 7;
  static constexpr std::size_t source_offset = 8;
  static constexpr std::size_t destination_offset = 24;
  static constexpr std::size_t size = 40;

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Ipv6> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    return Ipv6{bytes};
  }
  // For bytes already checked; asserts.
  static Ipv6 over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint8_t version() const { return static_cast<std::uint8_t>(bytes_[version_offset] >> 4); }
  [[nodiscard]] std::uint8_t traffic_class() const {
    return static_cast<std::uint8_t>(read_u16(bytes_, version_offset) >> 4);
  }
  [[nodiscard]] std::uint32_t flow_label() const { return read_u32(bytes_, version_offset) & 0xfffff; }
  [[nodiscard]] std::uint16_t payload_length() const { return read_u16(bytes_, payload_length_offset); }
  [[nodiscard]] std::uint8_t next_header() const { return bytes_[next_header_offset]; }
  [[nodiscard]] std::uint8_t hop_limit() const { return bytes_[hop_limit_offset]; }
  [[nodiscard]] IpAddress source() const { return IpAddress{bytes_.subspan(source_offset, 16)}; }
  [[nodiscard]] IpAddress destination() const { return IpAddress{bytes_.subspan(destination_offset, 16)}; }

 private:
  explicit Ipv6(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
