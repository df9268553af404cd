// Widths are those of a terminal.
#include "report/table.hpp"

#include <algorithm>
#include <string_view>

#include "report/text_util.hpp"

namespace espdump {

namespace {

constexpr std::string_view gap = "  ";

// For each column whether it goes to the second line.
std::vector<bool> folded(const std::vector<std::size_t>& widths, const TableFold& fold) {
  std::vector<bool> out(widths.size());
  std::size_t total = 0;
  for (const std::size_t width : widths) total += gap.size() + width;
  for (const std::size_t column : fold.columns) {
    if (total <= fold.width || fold.width == 0) break;
    out.at(column) = true;
    total -= gap.size() + widths.at(column);
  }
  return out;
}

std::string second_line(const std::vector<std::string>& cells, const std::vector<bool>& folded, std::size_t width) {
  constexpr std::size_t indent = 5;
  std::string text;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (folded[i] && !cells[i].empty()) text += (text.empty() ? "" : "; ") + cells[i];
  return wrapped(text, indent, width);
}

}  // namespace

std::vector<std::size_t> Table::widths() const {
  std::vector<std::size_t> out;
  for (const auto& cells : rows_) {
    out.resize(std::max(out.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) out[i] = std::max(out[i], columns(cells[i]));
  }
  return out;
}

std::vector<std::string> Table::lines(std::size_t first_number, std::size_t last_number, const TableFold& fold) const {
  const std::vector<std::size_t> wide = widths();
  const std::vector<bool> below = folded(wide, fold);
  std::vector<std::string> out;
  for (const auto& cells : rows_) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (below[i]) continue;
      const bool right = i == 0 || (i >= first_number && i <= last_number);
      const std::string room(wide[i] - columns(cells[i]), ' ');
      line += gap;
      line += right ? room + cells[i] : cells[i] + room;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.push_back(line + "\n" + second_line(cells, below, fold.width));
  }
  return out;
}

}  // namespace espdump
