// A small part of the shell's grammar: POSIX.1-2017, XCU chapter 2, without control flow.
#include "keys/shell_text.hpp"

#include <algorithm>
#include <utility>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

bool is_name(char c) { return is_decimal(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; }

std::size_t name_length(std::string_view text) {
  if (text.empty() || is_decimal(text.front())) return 0;
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_name) - text.begin());
}

// Of "NAME=…", the length of the name; 0: that is no assignment.
std::size_t assigned_name(const ShellWord& word) {
  if (word.pieces.empty()) return 0;
  const std::size_t length = name_length(word.pieces.front());
  return length < word.pieces.front().size() && word.pieces.front()[length] == '=' ? length : 0;
}

}  // namespace

bool ShellWord::is(std::string_view text) const {
  if (unresolved != Unresolved::no || length != text.size()) return false;
  for (const std::string_view piece : pieces) {
    if (!starts_with(text, piece)) return false;
    text.remove_prefix(piece.size());
  }
  return true;
}

std::string ShellWord::joined() const {
  constexpr std::size_t most = 128;
  std::string out;
  for (const std::string_view piece : pieces) out += piece.substr(0, most - std::min(most, out.size()));
  return out;
}

void ShellWord::add(std::string_view piece) {
  if (piece.empty()) return;
  length += piece.size();
  // What follows in the text without a gap is the same piece.
  if (!pieces.empty() && pieces.back().data() + pieces.back().size() == piece.data()) {
    pieces.back() = {pieces.back().data(), pieces.back().size() + piece.size()};
  } else if (pieces.size() < most_pieces) {
    pieces.push_back(piece);
  } else {
    unresolved = Unresolved::too_much;
  }
  if (length > longest) unresolved = Unresolved::too_much;
}

ShellReader::ShellReader(std::string_view text, Lines lines)
    : text_(text), lines_(lines), budget_(16 * text.size() + 65536) {}

bool ShellReader::is_blank_here(char c) const { return is_blank(c) || (c == '\n' && lines_ == Lines::blank); }
bool ShellReader::is_separator(char c) const {
  return c == ';' || (lines_ == Lines::end_command && (c == '\n' || c == '&' || c == '|'));
}

void ShellReader::skip(std::size_t count) {
  for (; count != 0 && !done(); --count)
    if (text_[at_++] == '\n') ++line_;
}

// Over blanks and broken lines; true where a word may begin.
bool ShellReader::skip_blanks() {
  while (!done()) {
    const std::size_t broken = line_break();
    if (broken == 0 && !is_blank_here(peek())) break;
    skip(std::max<std::size_t>(broken, 1));
    if (broken != 0 && peek() == '>' && is_blank(peek(1))) skip();  // the prompt of a shell that waits for the rest
  }
  return !done() && !is_separator(peek());
}

// How many characters a line break takes that a backslash undoes; 0: there is none.
std::size_t ShellReader::line_break() const {
  if (peek() != '\\') return 0;
  if (peek(1) == '\n') return 2;
  return peek(1) == '\r' && peek(2) == '\n' ? 3 : 0;
}

std::optional<ShellCommand> ShellReader::next() {
  while (!done()) {
    command_ = {};
    while (skip_blanks()) {
      if (peek() == '#') {
        while (!done() && peek() != '\n') skip();
      } else if (peek() == '(' || peek() == ')') {
        skip();
        break;
      } else {
        read_word();
      }
    }
    if (!done() && is_separator(peek())) skip();
    take_assignments();
    if (!command_.words.empty()) return std::move(command_);
  }
  return std::nullopt;
}

void ShellReader::read_word() {
  int open = 0;  // a bracket inside a word belongs to it, as in cbc(aes)
  char before = ' ';
  word_.line = line_;
  while (!done() && !is_blank_here(peek())) {
    const char c = peek();
    if (is_separator(c) && !(c == '&' && before == '>')) break;
    if (c == ')' && open == 0) break;
    before = c;
    if ((c == '\'' || c == '"') && closes_on_its_line(c)) {
      read_quoted(c);
    } else if (c == '\\') {
      if (line_break() != 0) break;
      skip();
      word_.add(text_.substr(at_, 1));
      skip();
    } else if (c == '$') {
      read_dollar(false);
    } else if (c == '`') {
      skip_nested('`', '`');
      give_up(Unresolved::command);
    } else {
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
      word_.add(text_.substr(at_, 1));
      skip();
    }
  }
  end_word();
}

// A quotation mark without its sister is one of prose; it must not swallow what follows.
bool ShellReader::closes_on_its_line(char quote) {
  std::size_t& alone_until = alone_until_[quote == '"' ? 1 : 0];
  if (at_ < alone_until) return false;
  std::size_t at = at_ + 1;
  while (at < text_.size() && text_[at] != '\n') {
    if (text_[at] == quote) return true;
    at += quote == '"' && text_[at] == '\\' ? 2 : 1;
  }
  alone_until = at;  // not looked for again on this line
  return false;
}

void ShellReader::read_quoted(char quote) {
  word_.quoted = true;
  skip();
  while (!done() && peek() != quote) {
    const bool expands = quote == '"';
    if (expands && peek() == '\\') {
      skip();
      if (peek() != '\n') word_.add(text_.substr(at_, 1));
      skip();
    } else if (expands && peek() == '$') {
      read_dollar(true);
    } else if (expands && peek() == '`') {
      skip_nested('`', '`');
      give_up(Unresolved::command);
    } else {
      word_.add(text_.substr(at_, 1));
      skip();
    }
  }
  skip();
}

void ShellReader::give_up(Unresolved why, std::string_view variable) {
  if (word_.unresolved != Unresolved::no) return;
  word_.unresolved = why;
  word_.variable = variable;
}

// To behind the bracket that closes, on this line or on lines that it goes on in.
void ShellReader::skip_nested(char open, char close) {
  int depth = 1;
  skip();
  for (; !done() && depth != 0; skip()) {
    if (peek() == '\n') return;
    if (peek() == '\\') {
      skip();
      continue;
    }
    if (peek() == close)
      --depth;
    else if (peek() == open)
      ++depth;
  }
}

void ShellReader::read_dollar(bool quoted) {
  skip();
  const std::string_view rest = text_.substr(at_);
  if (peek() == '(') {
    skip_nested('(', ')');
    return give_up(Unresolved::command);
  }
  if (peek() == '{') return read_braces(quoted);
  const std::size_t length = name_length(rest.substr(0, ShellWord::longest));
  if (length != 0) {
    skip(length);
    return expand(rest.substr(0, length), quoted);
  }
  if (is_decimal(peek()) || std::string_view("@*#?$!-").find(peek()) != std::string_view::npos) {
    give_up(Unresolved::argument, rest.substr(0, 1));
    return skip();
  }
  word_.add("$");
}

// ${NAME}, and a default behind `:-`, `-`, `:=` or `=`. The other forms are left to a shell.
void ShellReader::read_braces(bool quoted) {
  skip();
  const std::string_view rest = text_.substr(at_);
  const std::size_t length = name_length(rest.substr(0, ShellWord::longest));
  const std::string_view name = rest.substr(0, length);
  skip(length);
  if (peek() == '}' && length != 0) {
    skip();
    return expand(name, quoted);
  }
  const bool colon = peek() == ':';
  const char operation = peek(colon ? 1 : 0);
  if (length == 0 || (operation != '-' && operation != '=')) {
    skip_nested('{', '}');
    return give_up(length == 0 ? Unresolved::argument : Unresolved::command, name);
  }
  skip(colon ? 2 : 1);
  const std::string_view near = text_.substr(at_, ShellWord::longest);
  const std::string_view fallback = near.substr(0, near.find_first_of("}\n$`\"'"));
  skip(fallback.size());
  const bool plain = peek() == '}';
  if (!plain) skip_nested('{', '}');
  if (plain) skip();
  if (variables_.count(name) != 0) return expand(name, quoted);
  if (!plain) return give_up(Unresolved::command, name);
  word_.add(fallback);
}

void ShellReader::expand(std::string_view name, bool quoted) {
  const auto known = variables_.find(name);
  if (known == variables_.end()) return give_up(Unresolved::unassigned, name);
  if (known->second.unresolved != Unresolved::no) return give_up(known->second.unresolved, name);
  const std::size_t cost = known->second.length + 1;
  if (cost > budget_) return give_up(Unresolved::too_much, name);
  budget_ -= cost;
  expand_word(known->second, quoted || assigned_name(word_) != 0);
}

void ShellReader::expand_word(const ShellWord& value, bool whole) {
  for (const std::string_view piece : value.pieces)
    if (whole)
      word_.add(piece);
    else
      add_split(piece);
}

// Outside quotes a value is as many words as it has.
void ShellReader::add_split(std::string_view piece) {
  while (!piece.empty()) {
    const auto blank = std::find_if(piece.begin(), piece.end(), [](char c) { return is_blank(c) || c == '\n'; });
    const auto length = static_cast<std::size_t>(blank - piece.begin());
    word_.add(piece.substr(0, length));
    if (length == piece.size()) return;
    end_word();
    piece.remove_prefix(length + 1);
  }
}

void ShellReader::end_word() {
  const bool is_word = word_.quoted || word_.length != 0 || word_.unresolved != Unresolved::no;
  if (is_word && command_.words.size() < most_words) command_.words.push_back(std::move(word_));
  word_ = {};
  word_.line = line_;
}

bool ShellReader::assign(const ShellWord& word) {
  const std::size_t length = assigned_name(word);
  if (length == 0) return false;
  const std::string_view name = word.pieces.front().substr(0, length);
  if (variables_.size() == most_variables && variables_.count(name) == 0) return true;
  ShellWord value = word;
  value.pieces.front().remove_prefix(length + 1);
  value.length -= length + 1;
  variables_[name] = std::move(value);
  return true;
}

// NAME=VALUE in front of a command, or behind a word such as `export`.
void ShellReader::take_assignments() {
  auto& words = command_.words;
  const auto declares = [](const ShellWord& word) {
    constexpr std::string_view all[] = {"export", "readonly", "local", "declare", "typeset"};
    return std::any_of(std::begin(all), std::end(all), [&](std::string_view name) { return word.is(name); });
  };
  if (!words.empty() && declares(words.front())) {
    for (const ShellWord& word : words) assign(word);
    words.clear();
  }
  std::size_t count = 0;
  while (count < words.size() && assign(words[count])) ++count;
  words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace espdump::keys
