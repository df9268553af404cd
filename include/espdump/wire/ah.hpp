// Authentication Header, RFC 4302 section 2.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// | Next Header   |  Payload Len  |          RESERVED             | 0
// |                 Security Parameters Index (SPI)               | 4
// |                    Sequence Number Field                      | 8
// |       ICV and padding, size known to the SA                   | 12
class Ah {
 public:
  static constexpr std::string_view protocol = "ah";
  static constexpr std::size_t next_header_offset = 0;
  static constexpr std::size_t length_offset = 1;
  static constexpr std::size_t spi_offset = 4;
  static constexpr std::size_t sequence_offset = 8;
  static constexpr std::size_t icv_offset = 12;
  static constexpr std::size_t min_size = 12;

  // Bytes of the whole header around an ICV of so many, as Linux makes it and wants it: padded to 8, but under IPv4 to
  // 4 where the SA has `align4`, as RFC 4302 section 2.2 has it.
  static constexpr std::size_t linux_length(std::size_t icv, bool under_ipv6, bool align4) {
    const std::size_t unit = under_ipv6 || !align4 ? 8 : 4;
    return (icv_offset + icv + unit - 1) / unit * unit;
  }

  // Nothing when `bytes` is shorter than the length field says, or that shorter than 12.
  static std::optional<Ah> from(Bytes bytes) {
    if (bytes.size() < min_size) return std::nullopt;
    const Ah ah{bytes};
    if (ah.length() < min_size || ah.length() > bytes.size()) return std::nullopt;
    return Ah{bytes};
  }
  // For bytes already checked; asserts.
  static Ah over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint8_t next_header() const { return bytes_[next_header_offset]; }
  // Bytes of the whole header. The field counts 32-bit words and leaves two out, as IPv6 extensions do in their unit.
  [[nodiscard]] std::size_t length() const { return (std::size_t{bytes_[length_offset]} + 2) * 4; }
  [[nodiscard]] std::uint32_t spi() const { return read_u32(bytes_, spi_offset); }
  [[nodiscard]] std::uint32_t sequence() const { return read_u32(bytes_, sequence_offset); }
  [[nodiscard]] Bytes icv() const { return bytes_.subspan(icv_offset, length() - icv_offset); }  // and its padding

 private:
  explicit Ah(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
