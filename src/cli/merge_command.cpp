// `espdump merge`.
#include <array>
#include <string>

#include "cli/binding.hpp"

namespace espdump::cli {
namespace {

using run::MergeOptions;
using run::When;

void color(CLI::App& app, const OptionRow& row, Options& options) {
  choice<When>(app, row, member(options, &MergeOptions::color), {When::automatic, When::always, When::never});
}
void fail_on(CLI::App& app, const OptionRow& row, Options& options) {
  choice<std::optional<Severity>>(app, row, member(options, &MergeOptions::fail_on),
                                  {Severity::info, Severity::warning, Severity::error});
}

std::optional<std::string> contradiction(const Options& all) {
  const auto& options = std::get<MergeOptions>(all);
  if (options.partials.empty()) return "no partial result given";
  const bool reports = options.json || !options.page.empty() || options.fail_on;
  if (!options.joined.empty() && reports) return "--partial makes no report: leave out what is about one";
  if (options.page == "-" && options.json) return "--html - wants standard output for itself; give it a file";
  return std::nullopt;
}

constexpr std::array table{
    OptionRow{"partials", "PARTIAL", "", "", value<&MergeOptions::partials>},
    no_sandbox_row<&MergeOptions::no_sandbox>,
    OptionRow{"--json", "", "Output", "JSON lines: what one run prints with `-q --json`", flag<&MergeOptions::json>},
    OptionRow{"--html", "FILE", "Output", "the report as a page", value<&MergeOptions::page>},
    OptionRow{"--partial", "FILE", "Output", "no report: all of them as one partial result",
              value<&MergeOptions::joined>},
    OptionRow{"-q,--quiet", "", "Output", "the report only, no list of the captures", flag<&MergeOptions::quiet>},
    OptionRow{"--fail-on", "LEVEL", "Output", "exit 1 for a finding this severe: info, warning or error", fail_on,
              "info warning error"},
    OptionRow{"--color", "WHEN", "Output", "auto, always or never", color, "auto always never"},
};

constexpr std::string_view usage =
    "Usage: espdump merge PARTIAL... [options]\n"
    "  espdump capture-1.pcap --keys xfrm.txt -q --partial 1.esp     on one machine\n"
    "  espdump capture-2.pcap --keys xfrm.txt -q --partial 2.esp     on another\n"
    "  espdump merge 1.esp 2.esp                                     what one run over both reports\n"
    "`espdump merge --help` shows all options.\n";

constexpr std::string_view opening =
    "espdump merge: join partial results to the report of one run over all captures\n\n"
    "Usage: espdump merge PARTIAL... [options]\n";

constexpr std::string_view closing =
    "Partial results are made by `espdump CAPTURE... --keys FILE --partial PARTIAL`, all with the same\n"
    "keys and options. Several in one file are as good as several files.\n\n"
    "Exit status: 0 done; 1 --fail-on met; 2 a file that cannot be joined; 3 a capture ended early\n\n"
    "Examples:\n"
    "  espdump merge *.esp\n"
    "  espdump merge *.esp --json | jq 'select(.type == \"sa\")'\n";

constexpr std::string_view about =
    "\n"
    "What becomes of a packet can depend on packets in other captures: whether its number was there before, "
    "which loss it ends, what an IKE message answers. So a partial result keeps of every packet what its bytes "
    "and the keys alone can tell, never keys and never contents, and merging goes on from there.\n";

run::Outcome run_it(const Options& options) { return run::merge(std::get<MergeOptions>(options)); }

}  // namespace

const Command merge_command{
    "merge", "join the partial results of several runs", table, usage, opening, closing, contradiction, run_it, about};

}  // namespace espdump::cli
