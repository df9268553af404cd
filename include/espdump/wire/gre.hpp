// Generic Routing Encapsulation, RFC 2784 and 2890; version 1: RFC 2637 section 4.1.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |C|R|K|S|   ...         | Ver   |         Protocol Type         | 0
// |     Checksum and Reserved (C or R), 4 bytes                   |
// |     Key (K), 4 bytes                                          |
// |     Sequence Number (S), 4 bytes                              |
// |     Acknowledgment Number (A, version 1 only), 4 bytes        |
class Gre {
 public:
  static constexpr std::string_view protocol = "gre";
  static constexpr std::size_t flags_offset = 0;
  static constexpr std::size_t type_offset = 2;
  static constexpr std::size_t checksum_offset = 4;
  static constexpr std::size_t min_size = 4;

  // Nothing when `bytes` lacks a field that the flags promise.
  static std::optional<Gre> from(Bytes bytes) {
    if (bytes.size() < min_size) return std::nullopt;
    if (bytes.size() < Gre{bytes}.header_length()) return std::nullopt;
    return Gre{bytes};
  }
  // For bytes already checked; asserts.
  static Gre over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint16_t flags() const { return read_u16(bytes_, flags_offset); }
  [[nodiscard]] std::uint8_t version() const { return static_cast<std::uint8_t>(flags() % 8); }
  [[nodiscard]] std::uint16_t type() const { return read_u16(bytes_, type_offset); }  // an ether type
  [[nodiscard]] bool has_checksum() const { return (flags() & 0xc000) != 0; }
  [[nodiscard]] bool has_routing() const { return (flags() & 0x4000) != 0; }
  [[nodiscard]] bool has_key() const { return (flags() & 0x2000) != 0; }
  [[nodiscard]] bool has_sequence() const { return (flags() & 0x1000) != 0; }
  [[nodiscard]] bool has_acknowledgment() const { return version() == 1 && (flags() & 0x0080) != 0; }

  [[nodiscard]] std::size_t key_offset() const { return checksum_offset + (has_checksum() ? 4 : 0); }
  [[nodiscard]] std::size_t sequence_offset() const { return key_offset() + (has_key() ? 4 : 0); }
  [[nodiscard]] std::size_t acknowledgment_offset() const { return sequence_offset() + (has_sequence() ? 4 : 0); }
  [[nodiscard]] std::size_t header_length() const { return acknowledgment_offset() + (has_acknowledgment() ? 4 : 0); }

  // Zero where the header does not carry the field.
  [[nodiscard]] std::uint16_t checksum() const {
    return has_checksum() ? read_u16(bytes_, checksum_offset) : std::uint16_t{0};
  }
  [[nodiscard]] std::uint32_t key() const { return has_key() ? read_u32(bytes_, key_offset()) : 0; }
  [[nodiscard]] std::uint32_t sequence() const { return has_sequence() ? read_u32(bytes_, sequence_offset()) : 0; }
  [[nodiscard]] std::uint32_t acknowledgment() const {
    return has_acknowledgment() ? read_u32(bytes_, acknowledgment_offset()) : 0;
  }

 private:
  explicit Gre(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
