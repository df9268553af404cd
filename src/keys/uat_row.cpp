// Wireshark writes any byte that is not printable, and quotation marks, as \xHH (epan/uat.c).
#include "keys/uat_row.hpp"

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

constexpr std::size_t most_values = 16;

std::string_view unescaped(std::string_view text, SecretArena& arena) {
  if (text.find('\\') == std::string_view::npos) return text;
  Secret secret;
  const MutableBytes bytes = arena.allocate(text.size(), secret);
  std::size_t size = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape = text[at] == '\\' && at + 1 < text.size();
    if (escape && text[at + 1] == 'x' && at + 3 < text.size() && is_hex(text[at + 2]) && is_hex(text[at + 3])) {
      bytes[size++] = static_cast<std::uint8_t>(nibble(text[at + 2]) << 4 | nibble(text[at + 3]));
      at += 3;
      continue;
    }
    if (escape) ++at;
    bytes[size++] = static_cast<std::uint8_t>(text[at]);
  }
  return {reinterpret_cast<const char*>(bytes.data()), size};
}

// The value in quotation marks at the start of `line`, which is shortened to what follows them.
std::optional<std::string_view> take_quoted(std::string_view& line) {
  std::size_t end = 1;
  while (end < line.size() && line[end] != '"') end += line[end] == '\\' ? 2 : 1;
  if (end >= line.size()) return std::nullopt;
  const std::string_view value = line.substr(1, end - 1);
  line.remove_prefix(end + 1);
  return value;
}

}  // namespace

std::optional<std::vector<std::string_view>> read_uat_row(std::string_view line, SecretArena& arena) {
  std::vector<std::string_view> values;
  for (line = trim_right(line); values.size() < most_values;) {
    line = trim_left(line);
    if (!line.empty() && line.front() == '"') {
      const auto value = take_quoted(line);
      if (!value) return std::nullopt;
      values.push_back(unescaped(*value, arena));
    } else {
      const std::string_view bare = line.substr(0, line.find(','));
      values.push_back(trim_right(bare));
      line.remove_prefix(bare.size());
    }
    line = trim_left(line);
    if (line.empty()) return values;
    if (line.front() != ',') return std::nullopt;
    line.remove_prefix(1);
  }
  return values;
}

}  // namespace espdump::keys
