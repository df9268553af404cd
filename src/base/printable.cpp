// Escapes what a terminal might act on.
#include <espdump/printable.hpp>

#include "base/append.hpp"

namespace espdump {

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '\\')
      out += c;
    else
      append(out, "\\x{:02x}", byte);
  }
  return out;
}

}  // namespace espdump
