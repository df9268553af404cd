// Options of kind, length and data, one behind the other: IPv4 (RFC 791), TCP (RFC 9293), IPv6 (RFC 8200 section 4.2).
#pragma once

#include <optional>

#include <espdump/bytes.hpp>

namespace espdump::wire {

struct Option {
  std::uint8_t kind = 0;
  std::size_t offset = 0;  // of the kind, in all the options
  std::size_t size = 0;    // of the whole option
  Bytes data;
};

// Walks over options. Padding counts as an option too, so that nothing is passed over in silence.
class Options {
 public:
  enum class Style : std::uint8_t {
    ipv4,  // kind 0 ends the list, 1 stands alone; the length counts kind and length too. TCP has the same
    ipv6,  // kind 0 stands alone; the length counts the data only
  };
  Options(Bytes bytes, Style style) : bytes_(bytes), style_(style) {}

  // Nothing at the end, and from the first option on that does not fit.
  std::optional<Option> next() {
    if (malformed_ || offset_ >= bytes_.size()) return std::nullopt;
    const std::uint8_t kind = bytes_[offset_];
    const bool alone = kind == 0 || (kind == 1 && style_ == Style::ipv4);
    const std::size_t size = alone ? 1 : sized();
    if (malformed_) return std::nullopt;
    const std::size_t head = alone ? 1 : 2;
    const Option option{kind, offset_, size, bytes_.subspan(offset_ + head, size - head)};
    offset_ = kind == 0 && style_ == Style::ipv4 ? bytes_.size() : offset_ + size;
    return option;
  }

  // Walks to the end; true when every option fits.
  bool all_fit() {
    while (next()) {
    }
    return !malformed_;
  }
  // Where the walk stands; at the option that does not fit, if there is one.
  [[nodiscard]] std::size_t offset() const { return offset_; }
  [[nodiscard]] bool malformed() const { return malformed_; }

 private:
  // Size of the option here, which has a length; 0 and malformed when it is not possible.
  std::size_t sized() {
    const std::size_t left = bytes_.size() - offset_;
    const std::size_t length = left < 2 ? 0 : bytes_[offset_ + 1];
    const std::size_t size = style_ == Style::ipv6 ? length + 2 : length;
    malformed_ = left < 2 || size < 2 || size > left;
    return malformed_ ? 0 : size;
  }

  Bytes bytes_;
  Style style_;
  std::size_t offset_ = 0;
  bool malformed_ = false;
};

}  // namespace espdump::wire
