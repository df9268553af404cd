// Columns of text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace espdump {

// What to do with a table wider than `width` (0: nothing): `columns`, the first first, go to a second line of their
// rows until the rest fits.
struct TableFold {
  std::size_t width = 0;
  std::vector<std::size_t> columns;
};

// A table whose columns fit their widest cell.
class Table {
 public:
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // A line, with its newline, for each row, or more where it is folded. The first column stands right, as do those from
  // `first_number` to `last_number`.
  [[nodiscard]] std::vector<std::string> lines(std::size_t first_number, std::size_t last_number,
                                               const TableFold& fold = {}) const;

 private:
  [[nodiscard]] std::vector<std::size_t> widths() const;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace espdump
