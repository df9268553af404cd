// Stream Control Transmission Protocol common header, RFC 9260 section 3.1.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |          Source Port          |       Destination Port        | 0
// |                       Verification Tag                        | 4
// |                           Checksum                            | 8
class Sctp {
 public:
  static constexpr std::string_view protocol = "sctp";
  static constexpr std::size_t source_port_offset = 0;
  static constexpr std::size_t destination_port_offset = 2;
  static constexpr std::size_t tag_offset = 4;
  static constexpr std::size_t checksum_offset = 8;
  static constexpr std::size_t size = 12;

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Sctp> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    return Sctp{bytes};
  }
  // For bytes already checked; asserts.
  static Sctp over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint16_t source_port() const { return read_u16(bytes_, source_port_offset); }
  [[nodiscard]] std::uint16_t destination_port() const { return read_u16(bytes_, destination_port_offset); }
  [[nodiscard]] std::uint32_t tag() const { return read_u32(bytes_, tag_offset); }
  [[nodiscard]] std::uint32_t checksum() const { return read_u32(bytes_, checksum_offset); }

 private:
  explicit Sctp(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
