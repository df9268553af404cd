// UTF-8, padding and wrapping.
#include "report/text_util.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace espdump {
namespace {

// Bytes of the UTF-8 sequence at the front of `text`, 0 where there is none (RFC 3629).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80, high = first == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first < 0xf0 || first > 0xf4) return 0;
  const unsigned low = first == 0xf0 ? 0x90 : 0x80, high = first == 0xf4 ? 0x8f : 0xbf;
  return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    out += length == 0 ? std::string_view{"\xef\xbf\xbd"} : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::string terminal_safe(std::string_view text) {
  std::string out;
  const std::string clean = valid_utf8(text);
  for (std::size_t at = 0; at < clean.size(); ++at) {
    const auto byte = static_cast<unsigned char>(clean[at]);
    // U+0080 to U+009F are controls, too: U+009B does what ESC [ does.
    const bool c1 = byte == 0xc2 && static_cast<unsigned char>(clean[at + 1]) < 0xa0;
    if (c1)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(clean[++at]));
    else if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += clean[at];
  }
  return out;
}

void add_number(std::string& out, std::uint64_t number, std::size_t width, char fill) {
  std::array<char, 20> digits;  // of 2^64
  const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  if (size < width) out.append(width - size, fill);
  out.append(digits.data(), size);
}

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out{text};
  const std::size_t has = columns(text);
  if (has < width) out.append(width - has, ' ');
  return out;
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width, std::size_t hanging) {
  std::string out, line;
  std::size_t before = indent;
  const auto room = [&] { return width > before + 20 ? width - before : 20; };
  const auto flush = [&] {
    if (line.empty()) return;
    out += std::string(before, ' ') + line + '\n';
    before = indent + hanging;
    line.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    if (!line.empty() && columns(line) + 1 + columns(word) > room()) flush();
    if (!word.empty()) line += (line.empty() ? "" : " ") + std::string{word};
    if (end < text.size() && text[end] == '\n') flush();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  flush();
  return out;
}

}  // namespace espdump
