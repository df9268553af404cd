// BEET pseudo header, draft-nikander-esp-beet-mode section 5; carries the options of an inner IPv4 header.
#pragma once

#include <optional>
#include <string_view>

#include <espdump/assert.hpp>
#include <espdump/bytes.hpp>

namespace espdump::wire {

// +---------------------------------------------------------------+
// |  Next Header  |  Hdr Ext Len  |    Pad Len    |   Reserved    | 0
// |   Padding (Pad Len), then options; in all (Hdr Ext Len+1) * 8 | 4
class Beetph {
 public:
  static constexpr std::string_view protocol = "beetph";
  static constexpr std::size_t next_header_offset = 0;
  static constexpr std::size_t length_offset = 1;
  static constexpr std::size_t pad_length_offset = 2;
  static constexpr std::size_t padding_offset = 4;
  static constexpr std::size_t min_size = 8;
  static constexpr std::size_t largest_options = 40;  // what an IPv4 header has room for

  // Nothing when `bytes` is shorter than the length field says, or the padding longer than that.
  static std::optional<Beetph> from(Bytes bytes) {
    if (bytes.size() < min_size) return std::nullopt;
    const Beetph header{bytes};
    if (bytes.size() < header.length() || header.length() < header.options_offset()) return std::nullopt;
    return Beetph{bytes};
  }
  // For bytes already checked; asserts.
  static Beetph over(Bytes bytes) {
    const auto view = from(bytes);
    ESPDUMP_ASSERT(view.has_value());
    return *view;
  }

  [[nodiscard]] std::uint8_t next_header() const { return bytes_[next_header_offset]; }
  [[nodiscard]] std::size_t length() const { return (std::size_t{bytes_[length_offset]} + 1) * 8; }  // bytes
  [[nodiscard]] std::size_t pad_length() const { return bytes_[pad_length_offset]; }
  [[nodiscard]] std::size_t options_offset() const { return padding_offset + pad_length(); }
  [[nodiscard]] Bytes options() const { return bytes_.subspan(options_offset(), length() - options_offset()); }
  // The options can stand in an IPv4 header: whole words, and not more than 40 bytes.
  [[nodiscard]] bool options_fit() const { return options().size() % 4 == 0 && options().size() <= largest_options; }

 private:
  explicit Beetph(Bytes bytes) : bytes_(bytes) {}
  Bytes bytes_;
};

}  // namespace espdump::wire
