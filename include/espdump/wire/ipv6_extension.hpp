// The form that IPv6 extension headers share, RFC 8200 sections 4.2 to 4.6.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |  Next Header  |  Hdr Ext Len  |                               | 0
// |               Content, in all (Hdr Ext Len + 1) * 8           |
class Ipv6Extension {
 public:
  static constexpr std::string_view protocol = "ipv6_extension";
  static constexpr std::size_t next_header_offset = 0;
  static constexpr std::size_t length_offset = 1;
  static constexpr std::size_t content_offset = 2;
  static constexpr std::size_t min_size = 8;

  // Nothing when `bytes` is shorter than the length field says.
  static std::optional<Ipv6Extension> from(Bytes bytes) {
    if (bytes.size() < min_size) return std::nullopt;
    if (bytes.size() < Ipv6Extension{bytes}.length()) return std::nullopt;
    return Ipv6Extension{bytes};
  }
  // For bytes already checked; asserts.
  static Ipv6Extension over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint8_t next_header() const { return bytes_[next_header_offset]; }
  [[nodiscard]] std::size_t length() const { return (std::size_t{bytes_[length_offset]} + 1) * 8; }  // bytes
  [[nodiscard]] Bytes content() const { return bytes_.subspan(content_offset, length() - content_offset); }

 private:
  explicit Ipv6Extension(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
