// Encapsulating Security Payload header, RFC 4303 section 2.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |               Security Parameters Index (SPI)                 | 0
// |                      Sequence Number                          | 4
// |       IV, ciphertext, ICV: sealed, sizes known to the SA      | 8
class Esp {
 public:
  static constexpr std::string_view protocol = "esp";
  static constexpr std::size_t spi_offset = 0;
  static constexpr std::size_t sequence_offset = 4;
  static constexpr std::size_t size = 8;

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Esp> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    return Esp{bytes};
  }
  // For bytes already checked; asserts.
  static Esp over(Bytes bytes) {
    ESPDUMP_ASSERT(bytes.size() >= size);
    return Esp{bytes};
  }

  [[nodiscard]] std::uint32_t spi() const { return read_u32(bytes_, spi_offset); }
  [[nodiscard]] std::uint32_t sequence() const { return read_u32(bytes_, sequence_offset); }

 private:
  explicit Esp(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
