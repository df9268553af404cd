// Parsing by CLI11 from the option table, then one pass that checks how options go together.
#include "cli/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "cli/option_table.hpp"
#include "cli/version.hpp"

namespace espdump::cli {
namespace {

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// What single options cannot know of each other.
std::optional<std::string> contradiction(const run::AnalyzeOptions& options) {
  if (options.captures.empty()) return "no capture given";
  for (const std::string_view end : {".gz", ".zst", ".xz", ".lz4", ".bz2"})
    if (ends_with(options.write, end)) return "-w writes .pcap and .pcapng; compress it when it is done";
  if (options.verify_only && !options.write.empty())
    return "--verify-only decrypts nothing, so -w has nothing to write";
  if (options.verify_only && !options.inner_filter.empty())
    return "--verify-only decrypts nothing, so --inner-filter matches nothing";
  if (options.json && options.write == "-") return "--json and -w - both want standard output; give -w a file";
  const auto standard_input = [](const std::vector<std::string>& files) {
    return std::count(files.begin(), files.end(), "-");
  };
  if (standard_input(options.keys) != 0 && standard_input(options.captures) != 0)
    return "standard input cannot be capture and key file at once";
  if (standard_input(options.policies) != 0 && standard_input(options.keys) + standard_input(options.captures) != 0)
    return "standard input cannot be the policies and something else at once";
  return std::nullopt;
}

// Short and long name in columns of their own.
std::string option_line(const OptionRow& row) {
  constexpr std::size_t help_column = 27;
  std::string names{row.names};
  const std::size_t comma = names.find(',');
  std::string line =
      comma == std::string::npos ? "      " + names : "  " + names.substr(0, comma) + ", " + names.substr(comma + 1);
  if (!row.value.empty()) line += " " + std::string{row.value};
  line.resize(std::max(line.size() + 1, help_column), ' ');
  return line + std::string{row.help} + "\n";
}

}  // namespace

std::string usage_text() {
  return "Usage: espdump CAPTURE... [--keys FILE]... [options]\n"
         "  sudo ip xfrm state > xfrm.txt            take the keys while the tunnel is up\n"
         "  espdump capture.pcap --keys xfrm.txt     decrypt, verify, report\n"
         "`espdump --help` shows all options.\n";
}

std::string help_text() {
  std::string out =
      "espdump: analyse captured IPsec offline: decrypt ESP, verify every packet, say what is wrong\n\n"
      "Usage: espdump CAPTURE... [--keys FILE]... [options]\n"
      "CAPTURE is pcap or pcapng, plain or compressed (gzip, zstd, xz, lz4, bzip2); - reads standard\n"
      "input as it arrives; several are merged by time.\n";
  std::string_view group;
  for (const OptionRow& row : option_table()) {
    if (row.group != group) out += "\n" + std::string{row.group} + ":\n";
    group = row.group;
    out += option_line(row);
  }
  out +=
      "      --version            version, commit and libraries\n"
      "  -h, --help               this text\n\n"
      "Exit status: 0 done; 1 --fail-on met; 2 bad arguments, or a file that cannot be read at all;\n"
      "             3 a capture ended early (what could be read was reported)\n\n"
      "Examples:\n"
      "  sudo ip xfrm state > xfrm.txt                          on either end, while the tunnel is up\n"
      "  espdump wire.pcap --keys xfrm.txt                      one line per packet, then the report\n"
      "  espdump wire.pcap --keys xfrm.txt -q -w inner.pcap     the decrypted packets for Wireshark\n"
      "  sudo tcpdump -i eth0 -U -w - esp or udp port 4500 | espdump - --keys xfrm.txt\n";
  return out;
}

Parsed parse(int argc, const char* const* argv) {
  Parsed out;
  bool help = false, version = false;
  CLI::App app;
  app.set_help_flag();
  app.add_option("captures", out.options.captures);
  app.add_flag("-h,--help", help);
  app.add_flag("--version", version);
  for (const OptionRow& row : option_table()) {
    row.bind(app, row, out.options);
    const std::string_view first_name = row.names.substr(0, row.names.find(','));
    if (!row.value.empty()) app.get_option(std::string{first_name})->type_name(std::string{row.value});
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    out.error = std::string{"espdump: "} + error.what() + "\nTry `espdump --help`.\n";
    return out;
  }
  if (help)
    out.answer = help_text();
  else if (version)
    out.answer = version_text();
  else if (argc < 2)
    out.error = usage_text();
  else if (const auto wrong = contradiction(out.options))
    out.error = "espdump: " + *wrong + "\nTry `espdump --help`.\n";
  return out;
}

}  // namespace espdump::cli
