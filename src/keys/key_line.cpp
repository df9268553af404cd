// Reads names, keys and ICV lengths of `ip xfrm state`. The key goes from the text to the arena and nowhere else.
#include "keys/key_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

constexpr std::string_view not_opened = "; packets of this SA cannot be opened";
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

bool is_hmac(const AlgorithmInfo& info) { return info.xfrm.substr(0, 5) == "hmac("; }

// Lengths in the dump, that is with salt.
bool listed_length(const AlgorithmInfo& info, std::size_t size) {
  if (size < std::size_t{info.key_min} + info.salt || size > std::size_t{info.key_max} + info.salt) return false;
  return (size - info.salt - info.key_min) % info.key_step == 0;
}

// "20, 28 or 36"
std::string lengths(const AlgorithmInfo& info, unsigned salt) {
  const unsigned count = (info.key_max - info.key_min) / info.key_step + 1U;
  if (count > 3) return fmt::format("{} to {}", info.key_min + salt, info.key_max + salt);
  std::string out;
  for (unsigned i = 0; i < count; ++i) {
    if (i != 0) out += i + 1 == count ? " or " : ", ";
    out += std::to_string(info.key_min + i * info.key_step + salt);
  }
  return out;
}

std::string wrong_length(const AlgorithmInfo& info, std::size_t size) {
  std::string out = fmt::format("key of {} has {} byte{}, {} wanted", info.xfrm, size, size == 1 ? "" : "s",
                                lengths(info, info.salt));
  if (info.salt != 0) out += fmt::format(" ({} and {} bytes of salt)", lengths(info, 0), info.salt);
  return out.append(not_opened);
}

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

std::uint8_t nibble(char c) { return static_cast<std::uint8_t>(is_decimal(c) ? c - '0' : (c | 0x20) - 'a' + 10); }

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

bool legal_icv(const AlgorithmInfo& info, std::uint32_t bits) {
  if (info.primitive == Primitive::null_mac) return bits == 0;
  const bool several = info.primitive == Primitive::aes_gcm || info.primitive == Primitive::aes_ccm;
  if (info.kind == AlgorithmKind::aead) return bits == 128 || (several && (bits == 64 || bits == 96));
  return bits != 0 && bits % 8 == 0 && bits <= info.icv_bits_max;
}

std::string wrong_icv(const AlgorithmInfo& info, std::optional<std::uint32_t> bits) {
  if (!bits) return fmt::format("no ICV length behind the key of {}: the line is cut{}", info.xfrm, not_opened);
  std::string wanted = fmt::format("a multiple of 8 up to {}", info.icv_bits_max);
  if (info.primitive == Primitive::null_mac) wanted = "0";
  if (info.kind == AlgorithmKind::aead) wanted = legal_icv(info, 64) ? "64, 96 or 128" : "128";
  return fmt::format("ICV of {} has {} bits, {} wanted{}", info.xfrm, *bits, wanted, not_opened);
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
  // The kernel takes HMAC keys of any length that fits a netlink message.
  const bool any_length = is_hmac(info) && size != 0 && size < 4096;
  if (!any_length && !listed_length(info, size)) return wrong_length(info, size);
  return {};
}

bool contains(const KeyLine& line, std::string_view text) {
  return std::any_of(line.pieces.begin(), line.pieces.end(),
                     [text](std::string_view piece) { return piece.find(text) != std::string_view::npos; });
}

KeyReading unusable(const AlgorithmInfo* info, std::string problem) {
  KeyReading out{{info, {}, 0, KeyState::unusable}, std::move(problem)};
  if (info != nullptr) out.use.icv_bits = info->icv_bits;
  return out;
}

KeyReading hidden(const KeyLine& line, const AlgorithmInfo& info) {
  KeyReading out =
      unusable(&info, fmt::format("key of {} is hidden: the dump was taken with `nokeys`{}", info.xfrm, not_opened));
  out.use.state = KeyState::hidden;
  for (const std::string_view piece : line.pieces) {
    const auto end = piece.find(">>");
    if (end == std::string_view::npos) continue;
    const auto bits = number(Words(piece.substr(end + 2)).next());
    if (bits && legal_icv(info, *bits)) out.use.icv_bits = static_cast<std::uint16_t>(*bits);
  }
  return out;
}

// Things to know about a key that is in order.
void judge_key(KeyReading& out) {
  const AlgorithmInfo& info = *out.use.info;
  const Bytes key = reveal(out.use.key);
  if (std::all_of(key.begin(), key.end(), [](std::uint8_t byte) { return byte == 0; })) {
    out.use.state = KeyState::all_zero;
    out.problem = fmt::format(
        "key of {} is all zeros: a kernel in lockdown (confidentiality) shows every key so; take the dump with "
        "lockdown off, or the keys from the IKE daemon",
        info.xfrm);
  } else if (!listed_length(info, key.size())) {
    out.problem = fmt::format("key of {} has {} bytes, {} is customary; used as it stands", info.xfrm, key.size(),
                              lengths(info, 0));
    out.serious = false;
  }
}

}  // namespace

KeyReading read_key_line(const KeyLine& line, SecretArena& arena) {
  const AlgorithmInfo* info = find_algorithm(line.kind, line.name);
  if (info == nullptr && line.name.empty())
    return unusable(nullptr, fmt::format("no algorithm name: the line is cut{}", not_opened));
  if (info == nullptr)
    return unusable(nullptr, fmt::format("unknown algorithm {}{}", in_quotes(line.name), not_opened));
  if (contains(line, "(ERROR"))
    return unusable(info, fmt::format("`ip` could not print this line (ERROR truncated){}", not_opened));
  if (contains(line, "<<Keys")) return hidden(line, *info);

  const Layout layout = measure(line, *info);
  const bool keyless = info->key_max == 0;
  if (!keyless)
    if (std::string problem = key_problem(*info, layout); !problem.empty()) return unusable(info, std::move(problem));
  KeyReading out{{info, {}, info->icv_bits, KeyState::present}, {}};
  if (line.states_icv) {
    if (!layout.icv_bits || !legal_icv(*info, *layout.icv_bits))
      return unusable(info, wrong_icv(*info, layout.icv_bits));
    out.use.icv_bits = static_cast<std::uint16_t>(*layout.icv_bits);
  }
  if (keyless) return out;
  out.use.key = decode(layout, arena);
  judge_key(out);
  return out;
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
