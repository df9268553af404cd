// Internet Protocol version 4, RFC 791 section 3.1.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/address.hpp>
#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |Version|  IHL  |Type of Service|          Total Length         | 0
// |         Identification        |Flags|      Fragment Offset    | 4
// |  Time to Live |    Protocol   |         Header Checksum       | 8
// |                       Source Address                          | 12
// |                    Destination Address                        | 16
// |                 Options and padding, IHL * 4 - 20             | 20
class Ipv4 {
 public:
  static constexpr std::string_view protocol = "ipv4";
  static constexpr std::size_t version_offset = 0;
  static constexpr std::size_t tos_offset = 1;
  static constexpr std::size_t total_length_offset = 2;
  static constexpr std::size_t id_offset = 4;
  static constexpr std::size_t flags_offset = 6;
  static constexpr std::size_t ttl_offset = 8;
  static constexpr std::size_t protocol_offset = 9;
  static constexpr std::size_t checksum_offset = 10;
  static constexpr std::size_t source_offset = 12;
  static constexpr std::size_t destination_offset = 16;
  static constexpr std::size_t options_offset = 20;
  static constexpr std::size_t min_size = 20;

  // Nothing when `bytes` is shorter than the header length, or that shorter than 20. Any version will do.
  static std::optional<Ipv4> from(Bytes bytes) {
    if (bytes.size() < min_size) return std::nullopt;
    const Ipv4 ip{bytes};
    if (ip.header_length() < min_size || ip.header_length() > bytes.size()) return std::nullopt;
    return Ipv4{bytes};
  }
  // For bytes already checked; asserts.
  static Ipv4 over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint8_t version() const { return static_cast<std::uint8_t>(bytes_[version_offset] >> 4); }
  [[nodiscard]] std::size_t header_length() const { return std::size_t{bytes_[version_offset]} % 16 * 4; }
  [[nodiscard]] std::uint8_t tos() const { return bytes_[tos_offset]; }
  [[nodiscard]] std::uint16_t total_length() const { return read_u16(bytes_, total_length_offset); }
  [[nodiscard]] std::uint16_t id() const { return read_u16(bytes_, id_offset); }
  [[nodiscard]] std::uint16_t flags_and_offset() const { return read_u16(bytes_, flags_offset); }
  [[nodiscard]] bool dont_fragment() const { return (flags_and_offset() & 0x4000) != 0; }
  [[nodiscard]] bool more_fragments() const { return (flags_and_offset() & 0x2000) != 0; }
  [[nodiscard]] std::size_t fragment_offset() const { return std::size_t{flags_and_offset()} % 0x2000 * 8; }  // bytes
  [[nodiscard]] bool is_fragment() const { return more_fragments() || fragment_offset() != 0; }
  [[nodiscard]] std::uint8_t ttl() const { return bytes_[ttl_offset]; }
  [[nodiscard]] std::uint8_t protocol_number() const { return bytes_[protocol_offset]; }
  [[nodiscard]] std::uint16_t checksum() const { return read_u16(bytes_, checksum_offset); }
  [[nodiscard]] IpAddress source() const { return IpAddress{bytes_.subspan(source_offset, 4)}; }
  [[nodiscard]] IpAddress destination() const { return IpAddress{bytes_.subspan(destination_offset, 4)}; }
  [[nodiscard]] Bytes options() const { return bytes_.subspan(options_offset, header_length() - options_offset); }

 private:
  explicit Ipv4(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
