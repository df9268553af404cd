// Transmission Control Protocol, RFC 9293 section 3.1.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>
#include <espdump/wire/options.hpp>

namespace espdump::wire {

//  0                   1                   2                   3
// +---------------------------------------------------------------+
// |          Source Port          |       Destination Port        | 0
// |                        Sequence Number                        | 4
// |                    Acknowledgment Number                      | 8
// | Offset| Rsrvd |C|E|U|A|P|R|S|F|            Window             | 12
// |           Checksum            |         Urgent Pointer        | 16
// |                  Options, Offset * 4 - 20                     | 20
class Tcp {
 public:
  static constexpr std::string_view protocol = "tcp";
  static constexpr std::size_t source_port_offset = 0;
  static constexpr std::size_t destination_port_offset = 2;
  static constexpr std::size_t sequence_offset = 4;
  static constexpr std::size_t acknowledgment_offset = 8;
  static constexpr std::size_t header_length_offset = 12;
  static constexpr std::size_t flags_offset = 13;
  static constexpr std::size_t window_offset = 14;
  static constexpr std::size_t checksum_offset = 16;
  static constexpr std::size_t urgent_offset = 18;
  static constexpr std::size_t options_offset = 20;
  static constexpr std::size_t min_size = 20;

  static constexpr std::uint8_t fin = 0x01, syn = 0x02, rst = 0x04, psh = 0x08, ack = 0x10, urg = 0x20, ece = 0x40,
                                cwr = 0x80;
  static constexpr std::uint8_t option_mss = 2;

  // Nothing when `bytes` is shorter than the data offset says, or that shorter than 20.
  static std::optional<Tcp> from(Bytes bytes) {
    if (bytes.size() < min_size) return std::nullopt;
    const Tcp tcp{bytes};
    if (tcp.header_length() < min_size || tcp.header_length() > bytes.size()) return std::nullopt;
    return Tcp{bytes};
  }
  // For bytes already checked; asserts.
  static Tcp over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint16_t source_port() const { return read_u16(bytes_, source_port_offset); }
  [[nodiscard]] std::uint16_t destination_port() const { return read_u16(bytes_, destination_port_offset); }
  [[nodiscard]] std::uint32_t sequence() const { return read_u32(bytes_, sequence_offset); }
  [[nodiscard]] std::uint32_t acknowledgment() const { return read_u32(bytes_, acknowledgment_offset); }
  [[nodiscard]] std::size_t header_length() const { return std::size_t{bytes_[header_length_offset]} / 16 * 4; }
  [[nodiscard]] std::uint8_t flags() const { return bytes_[flags_offset]; }
  [[nodiscard]] bool has(std::uint8_t any_of) const { return (flags() & any_of) != 0; }
  [[nodiscard]] std::uint16_t window() const { return read_u16(bytes_, window_offset); }
  [[nodiscard]] std::uint16_t checksum() const { return read_u16(bytes_, checksum_offset); }
  [[nodiscard]] std::uint16_t urgent() const { return read_u16(bytes_, urgent_offset); }
  [[nodiscard]] Bytes options() const { return bytes_.subspan(options_offset, header_length() - options_offset); }
  // The maximum segment size option, where there is one.
  [[nodiscard]] std::optional<std::uint16_t> mss() const {
    Options options{this->options(), Options::Style::ipv4};
    while (const auto option = options.next())
      if (option->kind == option_mss && option->data.size() == 2) return read_u16(option->data, 0);
    return std::nullopt;
  }

 private:
  explicit Tcp(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
