// Widths are those of a terminal.
#include "report/table.hpp"

#include <algorithm>

#include "report/text_util.hpp"

namespace espdump {

std::vector<std::string> Table::lines(std::size_t first_number, std::size_t last_number) const {
  std::vector<std::size_t> widths;
  for (const auto& cells : rows_) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], columns(cells[i]));
  }
  std::vector<std::string> out;
  for (const auto& cells : rows_) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const bool right = i == 0 || (i >= first_number && i <= last_number);
      const std::string gap(widths[i] - columns(cells[i]), ' ');
      line += "  " + (right ? gap + cells[i] : cells[i] + gap);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out.push_back(line + "\n");
  }
  return out;
}

}  // namespace espdump
