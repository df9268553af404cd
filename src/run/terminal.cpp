#include "run/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace espdump::run {

std::optional<TerminalSize> terminal_size(int descriptor) {
  if (isatty(descriptor) != 1) return std::nullopt;
  TerminalSize out;
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return out;
  if (size.ws_col != 0) out.columns = size.ws_col;
  if (size.ws_row != 0) out.rows = size.ws_row;
  return out;
}

std::size_t table_width(int descriptor) {
  const auto size = terminal_size(descriptor);
  return size ? size->columns : 0;
}

bool is_capable_terminal(int descriptor) {
  const char* terminal = std::getenv("TERM");
  return isatty(descriptor) == 1 && (terminal == nullptr || std::string_view{terminal} != "dumb");
}

}  // namespace espdump::run
