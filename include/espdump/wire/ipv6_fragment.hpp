// IPv6 fragment header, RFC 8200 section 4.5.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |  Next Header  |   Reserved    |      Fragment Offset    |Res|M| 0
// |                         Identification                        | 4
class Ipv6Fragment {
 public:
  static constexpr std::string_view protocol = "ipv6_fragment";
  static constexpr std::size_t next_header_offset = 0;
  static constexpr std::size_t offset_offset = 2;
  static constexpr std::size_t id_offset = 4;
  static constexpr std::size_t size = 8;

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Ipv6Fragment> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    return Ipv6Fragment{bytes};
  }
  // For bytes already checked; asserts.
  static Ipv6Fragment over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint8_t next_header() const { return bytes_[next_header_offset]; }
  [[nodiscard]] std::size_t offset() const { return read_u16(bytes_, offset_offset) & 0xfff8U; }  // bytes
  [[nodiscard]] bool more() const { return (bytes_[offset_offset + 1] & 1) != 0; }
  // The only piece of its datagram (RFC 6946).
  [[nodiscard]] bool is_atomic() const { return offset() == 0 && !more(); }
  [[nodiscard]] std::uint32_t id() const { return read_u32(bytes_, id_offset); }

 private:
  explicit Ipv6Fragment(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
