// The options of the main job.
#include "cli/option_table.hpp"

#include <CLI/CLI.hpp>

#include <array>
#include <map>
#include <string>

namespace espdump::cli {
namespace {

using run::AnalyzeOptions;
using run::When;

// A flag that sets a bool member.
template <bool AnalyzeOptions::*Member>
void flag(CLI::App& app, const OptionRow& row, AnalyzeOptions& options) {
  app.add_flag(std::string{row.names}, options.*Member, std::string{row.help});
}
// An option whose value goes to a member as it is; a vector may be given several times.
template <auto Member>
void value(CLI::App& app, const OptionRow& row, AnalyzeOptions& options) {
  app.add_option(std::string{row.names}, options.*Member, std::string{row.help});
}

// One file each time, or a capture behind it would count as another.
template <auto Member>
void files(CLI::App& app, const OptionRow& row, AnalyzeOptions& options) {
  app.add_option(std::string{row.names}, options.*Member, std::string{row.help})
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
}

void verbosity(CLI::App& app, const OptionRow& row, AnalyzeOptions& options, int level) {
  app.add_flag_function(
      std::string{row.names},
      [&options, level](std::int64_t) { options.verbosity = std::max(options.verbosity, level); },
      std::string{row.help});
}
void verbose(CLI::App& app, const OptionRow& row, AnalyzeOptions& options) { verbosity(app, row, options, 1); }
void tree(CLI::App& app, const OptionRow& row, AnalyzeOptions& options) { verbosity(app, row, options, 2); }

// An option with a few words to choose from.
template <typename T>
void choice(CLI::App& app, const OptionRow& row, T& target, std::map<std::string, T> words) {
  app.add_option_function<std::string>(
         std::string{row.names}, [&target, words](const std::string& word) { target = words.at(word); },
         std::string{row.help})
      ->check([words](const std::string& word) {
        if (words.count(word) != 0) return std::string{};
        std::string legal;
        for (const auto& [name, ignored] : words) legal += (legal.empty() ? "" : ", ") + name;
        return "'" + word + "' is none of " + legal;
      });
}
void color(CLI::App& app, const OptionRow& row, AnalyzeOptions& options) {
  choice<When>(app, row, options.color, {{"auto", When::automatic}, {"always", When::always}, {"never", When::never}});
}
void fail_on(CLI::App& app, const OptionRow& row, AnalyzeOptions& options) {
  choice<std::optional<Severity>>(
      app, row, options.fail_on,
      {{"info", Severity::info}, {"warning", Severity::warning}, {"error", Severity::error}});
}
void count(CLI::App& app, const OptionRow& row, AnalyzeOptions& options) {
  app.add_option(std::string{row.names}, options.count, std::string{row.help})->check([](const std::string& text) {
    const bool digits = !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string::npos;
    return digits && text.find_first_not_of('0') != std::string::npos ? std::string{}
                                                                      : "'" + text + "' is no positive number";
  });
}

constexpr std::array table{
    OptionRow{"-k,--keys", "FILE", "Input", "keys, as from `ip xfrm state`; repeatable, - is stdin",
              files<&AnalyzeOptions::keys>},
    OptionRow{"--policy", "FILE", "Input", "selectors: the output of `ip xfrm policy`; repeatable",
              files<&AnalyzeOptions::policies>},
    OptionRow{"-f,--filter", "EXPR", "Input", "only captured packets that match (pcap-filter(7))",
              value<&AnalyzeOptions::filter>},
    OptionRow{"--inner-filter", "EXPR", "Input", "show only decrypted packets that match",
              value<&AnalyzeOptions::inner_filter>},
    OptionRow{"-c,--count", "N", "Input", "stop after N packets", count},
    OptionRow{"--verify-only", "", "Input", "check ICVs and sequence numbers, decrypt nothing",
              flag<&AnalyzeOptions::verify_only>},
    OptionRow{"-q,--quiet", "", "Output", "the report only, no line per packet", flag<&AnalyzeOptions::quiet>},
    OptionRow{"-v,--verbose", "", "Output", "more per line", verbose},
    OptionRow{"-V,--tree", "", "Output", "every field of every layer", tree},
    OptionRow{"-x,--hex", "", "Output", "hex and ASCII, before and after decryption", flag<&AnalyzeOptions::hex>},
    OptionRow{"--json", "", "Output", "newline-delimited JSON", flag<&AnalyzeOptions::json>},
    OptionRow{"-w,--write", "FILE", "Output", "the decrypted packets as .pcap or, with comments, .pcapng; - is stdout",
              value<&AnalyzeOptions::write>},
    OptionRow{"--fail-on", "SEVERITY", "Output", "exit 1 where a finding is at least info, warning or error", fail_on},
    OptionRow{"--color", "WHEN", "Output", "auto, always or never", color},
};

}  // namespace

std::span<const OptionRow> option_table() noexcept { return table; }

}  // namespace espdump::cli
