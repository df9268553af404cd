// Columns of text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace espdump {

// A table whose columns fit their widest cell.
class Table {
 public:
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  // One line, with its newline, for each row. The first column stands right, as do those from `first_number` to
  // `last_number`.
  [[nodiscard]] std::vector<std::string> lines(std::size_t first_number, std::size_t last_number) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace espdump
