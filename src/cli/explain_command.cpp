// `espdump explain`.
#include <array>
#include <string>

#include "cli/binding.hpp"

namespace espdump::cli {
namespace {

using run::ExplainOptions;

std::optional<std::string> contradiction(const Options& all) {
  const auto& options = std::get<ExplainOptions>(all);
  const int ways = (options.codes.empty() ? 0 : 1) + (options.all ? 1 : 0) + (options.list ? 1 : 0);
  if (ways == 0) return "no code given";
  if (ways > 1) return "codes, --all and --list exclude each other";
  if (options.markdown && options.json) return "--markdown and --json exclude each other";
  if (options.list && (options.markdown || options.json)) return "--list is plain text";
  return std::nullopt;
}

constexpr std::array table{
    OptionRow{"codes", "CODE", "", "", value<&ExplainOptions::codes>},
    OptionRow{"--all", "", "What", "every finding", flag<&ExplainOptions::all>},
    OptionRow{"--list", "", "What", "their names, severities and when they are raised, a line each",
              flag<&ExplainOptions::list>},
    OptionRow{"--markdown", "", "Output", "sections of a document, as in docs/findings.md",
              flag<&ExplainOptions::markdown>},
    OptionRow{"--json", "", "Output", "JSON lines", flag<&ExplainOptions::json>},
};

constexpr std::string_view usage =
    "Usage: espdump explain CODE... [options]\n"
    "  espdump explain icv.bad         what it means, what causes it, how to make sure, what helps\n"
    "  espdump explain --list          all codes there are\n"
    "`espdump explain --help` shows all options.\n";

constexpr std::string_view opening =
    "espdump explain: what findings mean, what causes them, how to make sure, what helps\n\n"
    "Usage: espdump explain CODE... [options]\n"
    "CODE is a name as reports print it: icv.bad, mtu.blackhole, ike.half-open …\n";

constexpr std::string_view closing =
    "Exit status: 0 done; 2 bad arguments, or a code that does not exist\n\n"
    "Examples:\n"
    "  espdump explain replay.stale seq.lost\n"
    "  espdump explain --list | grep ike\n"
    "  espdump explain icv.bad --json | jq -r '.checks[].command'\n";

constexpr std::string_view about =
    "\n"
    "All of it stands below, too.\n";

run::Outcome run_it(const Options& options) { return run::explain(std::get<ExplainOptions>(options)); }

}  // namespace

const Command explain_command{"explain",     "tell what a finding means, how to make sure, and what helps",
                              table,         usage,
                              opening,       closing,
                              contradiction, run_it,
                              about};

}  // namespace espdump::cli
