// IKE header, RFC 7296 section 3.1; version 1 has the same layout (RFC 2408 section 3.1).
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |                       IKE SA Initiator's SPI                  | 0
// |                       IKE SA Responder's SPI                  | 8
// |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     | 16
// |                          Message ID                           | 20
// |                            Length                             | 24
class Ikev2 {
 public:
  static constexpr std::string_view protocol = "ikev2";
  static constexpr std::size_t initiator_spi_offset = 0;
  static constexpr std::size_t responder_spi_offset = 8;
  static constexpr std::size_t next_payload_offset = 16;
  static constexpr std::size_t version_offset = 17;
  static constexpr std::size_t exchange_offset = 18;
  static constexpr std::size_t flags_offset = 19;
  static constexpr std::size_t message_id_offset = 20;
  static constexpr std::size_t length_offset = 24;
  static constexpr std::size_t size = 28;

  // Nothing when `bytes` is shorter than the header.
  static std::optional<Ikev2> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    return Ikev2{bytes};
  }
  // For bytes already checked; asserts.
  static Ikev2 over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint64_t initiator_spi() const { return read_u64(bytes_, initiator_spi_offset); }
  [[nodiscard]] std::uint64_t responder_spi() const { return read_u64(bytes_, responder_spi_offset); }
  [[nodiscard]] std::uint8_t next_payload() const { return bytes_[next_payload_offset]; }
  [[nodiscard]] std::uint8_t major_version() const { return static_cast<std::uint8_t>(bytes_[version_offset] >> 4); }
  [[nodiscard]] std::uint8_t minor_version() const { return static_cast<std::uint8_t>(bytes_[version_offset] % 16); }
  [[nodiscard]] std::uint8_t exchange() const { return bytes_[exchange_offset]; }
  [[nodiscard]] std::uint8_t flags() const { return bytes_[flags_offset]; }
  // Sent by who began the IKE SA, which need not be who began this exchange.
  [[nodiscard]] bool is_initiator() const { return (flags() & 0x08) != 0; }
  [[nodiscard]] bool higher_version() const { return (flags() & 0x10) != 0; }
  [[nodiscard]] bool is_response() const { return (flags() & 0x20) != 0; }
  [[nodiscard]] std::uint32_t message_id() const { return read_u32(bytes_, message_id_offset); }
  [[nodiscard]] std::uint32_t length() const { return read_u32(bytes_, length_offset); }  // of the whole message

 private:
  explicit Ikev2(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
