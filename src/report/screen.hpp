// What a terminal shows: lines no longer than it is wide, and the verdict before them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <espdump/report.hpp>

namespace espdump {

// Lines of packets are cut: on a terminal, unless more is asked for than lines.
bool cuts_lines(const TextOptions& options);

// Passes text on to `output`, which must outlive it. Off a terminal it passes everything on as it is.
class Screen {
 public:
  Screen(Output& output, const TextOptions& options);

  [[nodiscard]] bool is_terminal() const { return columns_ != 0; }
  // Whole lines about packets. They are held back for the verdict to stand before them, as far as that may be.
  void lines(std::string_view text);
  // What stands behind the lines, and in brief the verdict and what is wrong (it may be empty). The verdict goes first
  // where it would have left the screen, and what is wrong goes last where that would have.
  void end(std::string_view report, std::string_view verdict, std::string_view wrong);

 private:
  Output& output_;
  std::size_t columns_, rows_;
  bool cuts_, holds_;
  std::string held_;
  std::size_t held_lines_ = 0;
};

// The first `columns` columns of a line, with "…" in the last of them where that is not all. Colours take no column.
std::string cut_to(std::string_view line, std::size_t columns);

}  // namespace espdump
