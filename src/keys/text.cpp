// Words of key files in messages.
#include "keys/text.hpp"

namespace espdump::keys {

std::string in_quotes(std::string_view word) {
  constexpr std::size_t longest = 32, suspicious = 8;
  std::size_t run = 0;
  for (const char c : word) {
    run = is_hex(c) ? run + 1 : 0;
    if (run >= suspicious) return "(not shown)";
  }
  if (word.substr(0, 2) == "0x") return "(not shown)";
  std::string out = "\"";
  for (const char c : word.substr(0, longest)) out += c > ' ' && c < 0x7f ? c : '?';
  return out + (word.size() > longest ? "…\"" : "\"");
}

}  // namespace espdump::keys
