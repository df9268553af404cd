// What is known of the terminal that standard output or standard error is.
#pragma once

#include <cstddef>
#include <optional>

namespace espdump::run {

struct TerminalSize {
  std::size_t columns = 80, rows = 24;
};

// Of the terminal that `descriptor` is, or the usual size where it does not tell; nothing: it is none.
std::optional<TerminalSize> terminal_size(int descriptor);
// How wide tables on it may be, 0 where it is none.
std::size_t table_width(int descriptor);
// It is a terminal that knows what to do with escape sequences.
bool is_capable_terminal(int descriptor);

}  // namespace espdump::run
