// Every option once: names, value, group, help. The parser and the help text are made from it.
#pragma once

#include <span>
#include <string_view>

#include "run/analyze.hpp"

namespace CLI {
class App;
}

namespace espdump::cli {

struct OptionRow {
  std::string_view names;  // as CLI11 wants them: "-k,--keys"
  std::string_view value;  // what stands behind it in help; empty for a flag
  std::string_view group;
  std::string_view help;
  // Tells the parser where the value goes.
  void (*bind)(CLI::App&, const OptionRow&, run::AnalyzeOptions&);
};

std::span<const OptionRow> option_table() noexcept;

}  // namespace espdump::cli
