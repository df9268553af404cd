// Shell text taken apart into commands, far enough for scripts that set up SAs. Nothing is ever executed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <espdump/address.hpp>

namespace espdump::keys {

// Why the value of a word does not stand in the text.
enum class Unresolved : std::uint8_t {
  no,          // it does
  command,     // $(…) or `…`: made when the script runs
  argument,    // $1: given to the script
  unassigned,  // a variable that nothing assigned before
  too_much,    // longer than any word of use
};

// One word after quotes and variables: pieces of the text, which is never copied, for it holds keys.
struct ShellWord {
  static constexpr std::size_t most_pieces = 16;
  static constexpr std::size_t longest = 8192;

  std::vector<std::string_view> pieces;
  std::size_t length = 0;
  Unresolved unresolved = Unresolved::no;
  std::string_view variable;  // that the reason is about
  std::size_t line = 0;
  bool quoted = false;  // a word even where it is empty

  [[nodiscard]] bool is(std::string_view text) const;
  // The first characters as one text, for words that are no keys.
  [[nodiscard]] std::string joined() const;
  void add(std::string_view piece);
};

struct ShellCommand {
  std::vector<ShellWord> words;
  [[nodiscard]] std::size_t line() const { return words.empty() ? 0 : words.front().line; }
};

// Reads commands one after the other, in linear time, and keeps the variables that they assign.
class ShellReader {
 public:
  // A line break ends a command; in the input of setkey only a semicolon does.
  enum class Lines : std::uint8_t { end_command, blank };

  explicit ShellReader(std::string_view text, Lines lines = Lines::end_command);
  // The next command that is more than assignments.
  std::optional<ShellCommand> next();

 private:
  static constexpr std::size_t most_words = 512;
  static constexpr std::size_t most_variables = std::size_t{1} << 17;

  // Names come from the file; they must not choose their places in the table.
  struct NameHash {
    std::size_t operator()(std::string_view name) const noexcept {
      return keyed_hash({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
    }
  };

  [[nodiscard]] bool done() const { return at_ == text_.size(); }
  [[nodiscard]] bool is_blank_here(char c) const;
  [[nodiscard]] bool is_separator(char c) const;
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\n';
  }
  void skip(std::size_t count = 1);
  bool skip_blanks();
  [[nodiscard]] std::size_t line_break() const;
  void read_word();
  void read_quoted(char quote);
  bool closes_on_its_line(char quote);
  void read_dollar(bool quoted);
  void read_braces(bool quoted);
  void skip_nested(char open, char close);
  void give_up(Unresolved why, std::string_view variable = {});
  void expand(std::string_view name, bool quoted);
  void expand_word(const ShellWord& value, bool quoted);
  void add_split(std::string_view piece);
  void end_word();
  void take_assignments();
  bool assign(const ShellWord& word);

  std::string_view text_;
  Lines lines_;
  std::size_t at_ = 0, line_ = 1;
  std::size_t alone_until_[2] = {};  // up to there a quotation mark of this kind has no sister
  std::size_t budget_;               // of characters that variables may still put into words
  ShellCommand command_;
  ShellWord word_;  // being read
  std::unordered_map<std::string_view, ShellWord, NameHash> variables_;
};

}  // namespace espdump::keys
