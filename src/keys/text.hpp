// Small tools to take key text apart without copying it.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace espdump::keys {

inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
inline bool is_decimal(char c) { return c >= '0' && c <= '9'; }
inline bool is_hex(char c) { return is_decimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
// Of a hexadecimal digit.
inline std::uint8_t nibble(char c) {
  return static_cast<std::uint8_t>(is_decimal(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}
inline bool starts_with(std::string_view text, std::string_view start) { return text.substr(0, start.size()) == start; }
inline bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
// Equal but for upper and lower case.
inline bool same_word(std::string_view one, std::string_view two) {
  return std::equal(one.begin(), one.end(), two.begin(), two.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

inline std::string_view trim_right(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}
inline std::string_view trim_left(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

// The words of a line, one after the other; an empty one at the end.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}
  std::string_view next() {
    rest_ = trim_left(rest_);
    std::size_t length = 0;
    while (length < rest_.size() && !is_blank(rest_[length])) ++length;
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// "12", "0xc", "12,", "0xc(12)" and "0xc/0xff" as the number in front; nothing where there is none.
inline std::optional<std::uint32_t> number(std::string_view word) {
  word = word.substr(0, word.find_first_of(",(/"));
  const bool hex = word.substr(0, 2) == "0x";
  if (hex) word.remove_prefix(2);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, hex ? 16 : 10);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

// A word for a message: at most 32 printable characters in quotation marks. A word that might be part
// of a key is not shown.
std::string in_quotes(std::string_view word);

}  // namespace espdump::keys
