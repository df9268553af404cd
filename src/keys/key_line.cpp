// Reads names, keys and ICV lengths of `ip xfrm state`. The key goes from the text to the arena and nowhere else.
#include "keys/key_line.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

constexpr char line_break = '\n';

// Walks over the pieces of a key line as one text, with a line_break between them.
class Cursor {
 public:
  explicit Cursor(const std::vector<std::string_view>& pieces) : pieces_(&pieces) {}
  [[nodiscard]] bool done() const { return piece_ == pieces_->size(); }
  [[nodiscard]] char peek() const {
    if (done()) return line_break;
    const std::string_view piece = (*pieces_)[piece_];
    return offset_ < piece.size() ? piece[offset_] : line_break;
  }
  void next() {
    if (done()) return;
    if (offset_ < (*pieces_)[piece_].size()) {
      ++offset_;
    } else {
      ++piece_;
      offset_ = 0;
    }
  }
  void skip_blanks() {
    while (!done() && (is_blank(peek()) || peek() == line_break)) next();
  }
  // Over a line break if `wanted` follows it.
  template <typename Wanted>
  void join(Wanted wanted) {
    if (done() || peek() != line_break) return;
    Cursor beyond = *this;
    beyond.skip_blanks();
    if (!beyond.done() && wanted(beyond.peek())) *this = beyond;
  }
  // A decimal number, also one that a line break cuts in two.
  std::optional<std::uint32_t> decimal() {
    std::optional<std::uint32_t> value;
    for (; !done() && is_decimal(peek()); next(), join(is_decimal))
      value = std::min<std::uint32_t>(value.value_or(0) * 10 + static_cast<std::uint32_t>(peek() - '0'), 1'000'000);
    return value;
  }

 private:
  const std::vector<std::string_view>* pieces_;
  std::size_t piece_ = 0;
  std::size_t offset_ = 0;
};

// Where the parts of a key line lie.
struct Layout {
  explicit Layout(const std::vector<std::string_view>& pieces) : key(pieces) {}
  Cursor key;                                // at the first digit
  bool has_key = false;                      // "0x" stands there
  std::size_t digits = 0;                    // hexadecimal ones
  std::optional<std::uint32_t> stated_bits;  // `-s`: "(256 bits)"
  std::optional<std::uint32_t> icv_bits;
  bool junk = false;  // something else stands there
};

// A lone number of up to three digits at the end: an ICV length that went to the next line, or key digits.
bool only_a_number_left(Cursor at) {
  int count = 0;
  for (; !at.done() && is_decimal(at.peek()); at.next()) ++count;
  at.skip_blanks();
  return at.done() && count >= 1 && count <= 3;
}

void measure_key(Layout& layout, Cursor& at, const AlgorithmInfo& info, bool states_icv) {
  layout.key = at;
  while (!at.done()) {
    if (is_hex(at.peek())) {
      ++layout.digits;
      at.next();
    } else if (at.peek() == line_break) {
      Cursor beyond = at;
      beyond.skip_blanks();
      const bool complete = layout.digits % 2 == 0 && listed_length(info, layout.digits / 2);
      if (beyond.done() || !is_hex(beyond.peek())) return;
      if (states_icv && complete && only_a_number_left(beyond)) return;
      at = beyond;
    } else {
      return;
    }
  }
}

Layout measure(const KeyLine& line, const AlgorithmInfo& info) {
  Layout layout(line.pieces);
  Cursor at(line.pieces);
  at.skip_blanks();
  Cursor behind_zero = at;
  behind_zero.next();
  if (at.peek() == '0' && behind_zero.peek() == 'x') {
    layout.has_key = true;
    behind_zero.next();
    at = behind_zero;
    measure_key(layout, at, info, line.states_icv);
    if (!at.done() && !is_blank(at.peek()) && at.peek() != line_break && at.peek() != '(') layout.junk = true;
  }
  at.skip_blanks();
  if (at.peek() == '(') {
    at.next();
    layout.stated_bits = at.decimal();
    while (!at.done() && at.peek() != ')') at.next();
    at.next();
    at.skip_blanks();
  }
  layout.icv_bits = at.decimal();
  at.skip_blanks();
  if (!at.done()) layout.junk = true;
  return layout;
}

// The digits of the key as bytes in the arena.
Secret decode(const Layout& layout, SecretArena& arena) {
  Secret key;
  Cursor at = layout.key;
  const auto digit = [&at] {
    at.skip_blanks();
    const std::uint8_t value = nibble(at.peek());
    at.next();
    return value;
  };
  for (std::uint8_t& byte : arena.allocate(layout.digits / 2, key)) {
    const std::uint8_t high = digit();
    byte = static_cast<std::uint8_t>(high << 4 | digit());
  }
  return key;
}

// What is wrong with the text of the key; empty: nothing that prevents decoding it.
std::string key_problem(const AlgorithmInfo& info, const Layout& layout) {
  const std::size_t size = layout.digits / 2;
  if (layout.junk) return fmt::format("key of {} holds something that is not hexadecimal{}", info.xfrm, not_opened);
  if (!layout.has_key) return fmt::format("no key behind {}: the line is cut{}", info.xfrm, not_opened);
  if (layout.digits % 2 != 0)
    return fmt::format("key of {} has an odd number of hexadecimal digits ({}): the line is cut{}", info.xfrm,
                       layout.digits, not_opened);
  if (layout.stated_bits && *layout.stated_bits != size * 8)
    return fmt::format("key of {} has {} bits, but the line says {}{}", info.xfrm, size * 8, *layout.stated_bits,
                       not_opened);
  return wrong_length(info, size);
}

bool contains(const KeyLine& line, std::string_view text) {
  return std::any_of(line.pieces.begin(), line.pieces.end(),
                     [text](std::string_view piece) { return piece.find(text) != std::string_view::npos; });
}

KeyReading hidden(const KeyLine& line, const AlgorithmInfo& info) {
  KeyReading out = unusable_key(
      &info, fmt::format("key of {} is hidden: the dump was taken with `nokeys`{}", info.xfrm, not_opened));
  out.use.state = KeyState::hidden;
  for (const std::string_view piece : line.pieces) {
    const auto end = piece.find(">>");
    if (end == std::string_view::npos) continue;
    const auto bits = number(Words(piece.substr(end + 2)).next());
    if (bits && legal_icv(info, *bits)) out.use.icv_bits = static_cast<std::uint16_t>(*bits);
  }
  return out;
}

}  // namespace

KeyReading read_key_line(const KeyLine& line, SecretArena& arena) {
  const AlgorithmInfo* info = find_algorithm(line.kind, line.name);
  if (info == nullptr && line.name.empty())
    return unusable_key(nullptr, fmt::format("no algorithm name: the line is cut{}", not_opened));
  if (info == nullptr)
    return unusable_key(nullptr, fmt::format("unknown algorithm {}{}", in_quotes(line.name), not_opened));
  if (contains(line, "(ERROR"))
    return unusable_key(info, fmt::format("`ip` could not print this line (ERROR truncated){}", not_opened));
  if (contains(line, "<<Keys")) return hidden(line, *info);

  const Layout layout = measure(line, *info);
  const bool keyless = info->key_max == 0;
  if (!keyless)
    if (std::string problem = key_problem(*info, layout); !problem.empty())
      return unusable_key(info, std::move(problem));
  if (line.states_icv && (!layout.icv_bits || !legal_icv(*info, *layout.icv_bits)))
    return unusable_key(info, wrong_icv(*info, layout.icv_bits));
  const auto icv_bits = line.states_icv ? layout.icv_bits : std::nullopt;
  return judge_key(*info, keyless ? Secret{} : decode(layout, arena), icv_bits);
}

bool continues_key_line(std::string_view line) {
  if (line.empty()) return false;
  const std::string_view first = Words(line).next();
  if (first == "aead" || first == "add") {  // keywords made of hexadecimal digits
    Words words(line);
    words.next();
    const std::string_view second = words.next();
    if (first == "add" || !(second.empty() || is_decimal(second.front()) || second.front() == '(')) return false;
  }
  return std::all_of(line.begin(), line.end(), [](char c) {
    return is_hex(c) || is_blank(c) || c == '(' || c == ')' || c == 'x' || c == 'i' || c == 't' || c == 's';
  });
}

}  // namespace espdump::keys
