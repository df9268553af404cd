// A line is "TIME THREAD[GROUP] <NAME|NUMBER> MESSAGE"; which of these there are in front is for the settings of the
// log to say. Read off logs of strongSwan 5.9 and 6.0.
#include "keys/charon_line.hpp"

#include <algorithm>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

constexpr std::size_t most_prefix = 160;
constexpr std::size_t bytes_a_line = 16;

// "lab|1" or, before the peer is known, "1".
std::optional<std::uint32_t> number_of_sa(std::string_view name) {
  const auto bar = name.rfind('|');
  return number(bar == std::string_view::npos ? name : name.substr(bar + 1));
}

void take_name(CharonLine& line) {
  if (!starts_with(line.message, "<")) return;
  const auto end = line.message.substr(0, most_prefix).find("> ");
  if (end == std::string_view::npos) return;
  line.sa = number_of_sa(line.message.substr(1, end - 1));
  line.message.remove_prefix(end + 2);
}

}  // namespace

std::optional<CharonLine> read_charon_line(std::string_view line) {
  for (std::size_t at = line.find('['); at < most_prefix; at = line.find('[', at + 1)) {
    if (at < 2 || line.size() < at + 6 || line[at + 4] != ']') continue;
    if (!is_decimal(line[at - 1]) || !is_decimal(line[at - 2])) continue;
    CharonLine out;
    out.thread = static_cast<unsigned>((line[at - 2] - '0') * 10 + line[at - 1] - '0');
    out.group = line.substr(at + 1, 3);
    out.message = line.substr(at + 6);
    take_name(out);
    return out;
  }
  return std::nullopt;
}

void CharonDump::open(std::string_view size) {
  constexpr std::size_t most = 4096;
  const std::size_t bytes = number(Words(size).next()).value_or(most + 1);
  *this = {};
  opened_ = true;
  size_ = bytes;
  if (bytes > most) shown_ = bytes + 1;  // never whole
}

// "  16: 42 97 …  B.N?": an offset in 4 columns, then 47 columns of digits. What follows is the same as characters.
bool CharonDump::add(std::string_view message) {
  constexpr std::size_t offset_columns = 6, digit_columns = 47;
  if (shown_ >= size_ || message.find(": ") != offset_columns - 2) return false;
  if (number(trim_left(message.substr(0, offset_columns - 2))) != shown_) return false;
  const std::size_t bytes = std::min(size_ - shown_, bytes_a_line);
  lines_.push_back(message.substr(offset_columns, std::min(digit_columns, bytes * 3 - 1)));
  shown_ += bytes;
  return true;
}

bool CharonDump::read(MutableBytes into) const {
  if (!whole() || size_ < into.size()) return false;
  for (std::size_t at = 0; at < into.size(); ++at) {
    const std::string_view line = lines_[at / bytes_a_line],
                           digits = line.substr(std::min(line.size(), at % 16 * 3), 2);
    if (digits.size() != 2 || !is_hex(digits[0]) || !is_hex(digits[1])) return false;
    into[at] = static_cast<std::uint8_t>(nibble(digits[0]) << 4 | nibble(digits[1]));
  }
  return true;
}

}  // namespace espdump::keys
