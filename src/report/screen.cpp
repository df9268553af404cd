#include "report/screen.hpp"

#include <algorithm>

namespace espdump {
namespace {

constexpr char escape = '\x1b';
constexpr std::string_view plain = "\x1b[0m";
// Nobody scrolls back through more lines than that.
constexpr std::size_t most_held = std::size_t{4} << 20;

std::size_t lines_of(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// Where the character at `at` ends, or the escape sequence, which takes no column.
std::size_t step(std::string_view text, std::size_t at, std::size_t& columns) {
  if (text[at] == escape) return std::min(text.find('m', at), text.size() - 1) + 1;
  ++columns;
  while (++at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U) {
  }
  return at;
}

}  // namespace

bool cuts_lines(const TextOptions& options) { return options.columns != 0 && options.verbosity == 0 && !options.hex; }

std::string cut_to(std::string_view line, std::size_t columns) {
  std::size_t used = 0, fits = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t next = step(line, at, used);
    if (used > columns) {
      const std::string_view kept = line.substr(0, fits);
      return std::string{kept} + "…" + std::string{kept.find(escape) == std::string_view::npos ? "" : plain};
    }
    if (used < columns) fits = next;
    at = next;
  }
  return std::string{line};
}

Screen::Screen(Output& output, const TextOptions& options)
    : output_(output),
      columns_(options.columns),
      rows_(options.rows),
      cuts_(cuts_lines(options)),
      holds_(options.columns != 0 && !options.as_it_comes) {}

void Screen::lines(std::string_view text) {
  std::string cut;
  if (cuts_) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size() - 1);
      cut += cut_to(text.substr(0, end), columns_) + '\n';
      text.remove_prefix(end + 1);
    }
    text = cut;
  }
  if (!holds_) return output_.write(text);
  held_ += text;
  held_lines_ += lines_of(text);
  if (held_.size() <= most_held) return;
  output_.write("The verdict stands behind the last packet; -q shows it without the packets.\n\n");
  output_.write(held_);
  held_ = {};
  holds_ = false;
}

void Screen::end(std::string_view report, std::string_view verdict, std::string_view wrong) {
  const std::size_t lines = lines_of(report);
  if (!held_.empty() && held_lines_ + lines >= rows_) {
    output_.write(verdict);
    output_.write(wrong);
    output_.write("\n");
  }
  output_.write(held_);
  held_ = {};
  output_.write(report);
  if (!is_terminal() || wrong.empty() || lines < rows_) return;
  output_.write("\n");
  output_.write(wrong);
}

}  // namespace espdump
