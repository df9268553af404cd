// Address Resolution Protocol, RFC 826.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |        Hardware type          |        Protocol type          | 0
// | Hardware size | Protocol size |           Operation           | 4
// |   Sender and target: hardware and protocol address of each    | 8
class Arp {
 public:
  static constexpr std::string_view protocol = "arp";
  static constexpr std::size_t hardware_type_offset = 0;
  static constexpr std::size_t protocol_type_offset = 2;
  static constexpr std::size_t hardware_size_offset = 4;
  static constexpr std::size_t protocol_size_offset = 5;
  static constexpr std::size_t operation_offset = 6;
  static constexpr std::size_t size = 8;  // without the addresses

  // Nothing when `bytes` does not hold the four addresses.
  static std::optional<Arp> from(Bytes bytes) {
    if (bytes.size() < size) return std::nullopt;
    if (bytes.size() < Arp{bytes}.whole_size()) return std::nullopt;
    return Arp{bytes};
  }
  // For bytes already checked; asserts.
  static Arp over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint16_t hardware_type() const { return read_u16(bytes_, hardware_type_offset); }
  [[nodiscard]] std::uint16_t protocol_type() const { return read_u16(bytes_, protocol_type_offset); }
  [[nodiscard]] std::size_t hardware_size() const { return bytes_[hardware_size_offset]; }
  [[nodiscard]] std::size_t protocol_size() const { return bytes_[protocol_size_offset]; }
  [[nodiscard]] std::uint16_t operation() const { return read_u16(bytes_, operation_offset); }
  [[nodiscard]] std::size_t whole_size() const { return size + 2 * (hardware_size() + protocol_size()); }

  [[nodiscard]] std::size_t sender_hardware_offset() const { return size; }
  [[nodiscard]] std::size_t sender_protocol_offset() const { return size + hardware_size(); }
  [[nodiscard]] std::size_t target_hardware_offset() const { return sender_protocol_offset() + protocol_size(); }
  [[nodiscard]] std::size_t target_protocol_offset() const { return target_hardware_offset() + hardware_size(); }
  [[nodiscard]] Bytes sender_hardware() const { return bytes_.subspan(sender_hardware_offset(), hardware_size()); }
  [[nodiscard]] Bytes sender_protocol() const { return bytes_.subspan(sender_protocol_offset(), protocol_size()); }
  [[nodiscard]] Bytes target_hardware() const { return bytes_.subspan(target_hardware_offset(), hardware_size()); }
  [[nodiscard]] Bytes target_protocol() const { return bytes_.subspan(target_protocol_offset(), protocol_size()); }

 private:
  explicit Arp(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
