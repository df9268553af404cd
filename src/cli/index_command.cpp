// `espdump index`.
#include <array>
#include <string>

#include "cli/binding.hpp"

namespace espdump::cli {
namespace {

using run::IndexOptions;

void slice(CLI::App& app, const OptionRow& row, Options& options) {
  constexpr bool k_is_1024 = false;
  app.add_option(std::string{row.names}, member(options, &IndexOptions::slice), std::string{row.help})
      ->transform(CLI::AsSizeValue(k_is_1024))
      ->check(CLI::Range(std::uint64_t{1} << 16U, std::uint64_t{1} << 50U).description("64 KiB to 1 PiB"));
}

std::optional<std::string> contradiction(const Options& all) {
  const auto& options = std::get<IndexOptions>(all);
  if (options.captures.empty()) return "no capture given";
  if (standard_inputs(options.captures) > 1) return "standard input cannot be two captures at once";
  return std::nullopt;
}

constexpr std::array table{
    OptionRow{"captures", "CAPTURE", "", "", value<&IndexOptions::captures>},
    no_sandbox_row<&IndexOptions::no_sandbox>,
    OptionRow{"--slice", "BYTES", "Output", "ranges of about this size (64K, 10G …), which `--range` takes", slice},
    OptionRow{"--json", "", "Output", "JSON lines", flag<&IndexOptions::json>},
};

constexpr std::string_view usage =
    "Usage: espdump index CAPTURE... [options]\n"
    "  espdump index ring-*.pcap                    times, sizes and SPIs of each\n"
    "  espdump index huge.pcap --slice 10G          ranges of it, for a task each\n"
    "`espdump index --help` shows all options.\n";

constexpr std::string_view opening =
    "espdump index: what captures hold and where they can be cut, to distribute work\n\n"
    "Usage: espdump index CAPTURE... [options]\n";

constexpr std::string_view closing =
    "Exit status: 0 done; 2 bad arguments or unreadable file; 3 a capture ended early\n\n"
    "Examples:\n"
    "  espdump index ring-*.pcap --json | jq -r 'select(.ike_messages > 0).file'\n"
    "  espdump index huge.pcap --slice 10G > list.txt              a line for each task\n"
    "  espdump huge.pcap --keys xfrm.txt --range 0-10737418311 --partial 1.esp\n";

constexpr std::string_view about =
    "\n"
    "With `--slice` a pcap is not read, but for 1 MiB around each cut, in which a chain of records has to be found "
    "that "
    "is longer than any record; `espdump merge` proves that each range begins where the one before ends. A pcapng is "
    "read once, for interfaces that are described in between. A range without a second number goes to the end. What is "
    "compressed is not cut.\n";

run::Outcome run_it(const Options& options) { return run::index(std::get<IndexOptions>(options)); }

}  // namespace

const Command index_command{
    "index", "what captures hold, and where to cut them", table, usage, opening, closing, contradiction, run_it, about};

}  // namespace espdump::cli
