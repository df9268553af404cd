// A command is a table: its name, its options, what help says of it, what runs it. The parser and the help texts are
// made from these.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>

#include "run/analyze.hpp"
#include "run/explain.hpp"
#include "run/gateway.hpp"
#include "run/index.hpp"
#include "run/keys.hpp"
#include "run/make_test.hpp"
#include "run/merge.hpp"
#include "run/mtu.hpp"

namespace CLI {
class App;
}

namespace espdump::cli {

// The options of every command; one set of them is in use.
using Options = std::tuple<run::AnalyzeOptions, run::KeysOptions, run::MtuOptions, run::GatewayOptions,
                           run::ExplainOptions, run::MergeOptions, run::IndexOptions>;

// A group that is in the manual, but not in help.
inline constexpr std::string_view seldom_wanted = "Seldom wanted";

struct OptionRow {
  std::string_view names;  // as CLI11 wants them: "-k,--keys"; without a dash: the files that stand alone
  std::string_view value;  // what stands behind it in help; empty for a flag
  std::string_view group;  // empty: help's first lines speak of it
  std::string_view help;
  // Tells the parser where the value goes.
  void (*bind)(CLI::App&, const OptionRow&, Options&);
  std::string_view words{};  // all that the value may be, between spaces; empty: it is free
};

struct Command {
  std::string_view name;   // empty: the main job
  std::string_view brief;  // what the main help says of it
  std::span<const OptionRow> options;
  std::string_view usage;    // for who typed nothing else
  std::string_view opening;  // of its help, before the options
  std::string_view closing;  // and behind them
  // What single options cannot know of each other.
  std::optional<std::string> (*contradiction)(const Options&);
  run::Outcome (*run)(const Options&);
  std::string_view about{};  // what its manual page says beyond the help, in paragraphs
};

// The main job first.
std::span<const Command> commands() noexcept;

extern const Command analyze_command;
extern const Command explain_command;
extern const Command gateway_command;
extern const Command index_command;
extern const Command keys_command;
extern const Command merge_command;
extern const Command mtu_command;

}  // namespace espdump::cli
