// Parsing by CLI11 from the tables of the commands, then one pass that checks how options go together.
#include "cli/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "cli/generate.hpp"
#include "cli/version.hpp"

namespace espdump::cli {
namespace {

constexpr std::size_t help_column = 27;

std::string help_line(std::string line, std::string_view help) {
  line.resize(std::max(line.size() + 1, help_column), ' ');
  return line + std::string{help} + "\n";
}

// Short and long name in columns of their own.
std::string option_line(const OptionRow& row) {
  std::string names{row.names};
  const std::size_t comma = names.find(',');
  std::string line = "      " + names;
  if (comma != std::string::npos) line = "  " + names.substr(0, comma) + ", " + names.substr(comma + 1);
  if (names.size() == 2) line = "  " + names;
  if (!row.value.empty()) line += " " + std::string{row.value};
  return help_line(std::move(line), row.help);
}

std::string command_lines() {
  std::string out = "\nCommands (`espdump COMMAND --help`):\n";
  for (const Command& command : commands())
    if (!command.name.empty()) out += help_line("  " + std::string{command.name}, command.brief);
  return out;
}

const Command& command_of(int argc, const char* const* argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  for (const Command& command : commands())
    if (!command.name.empty() && command.name == first) return command;
  return commands().front();
}

std::string refusal(const Command& command, const std::string& why) {
  const std::string name = command.name.empty() ? "" : " " + std::string{command.name};
  return "espdump: " + why + "\nTry `espdump" + name + " --help`.\n";
}

void bind(CLI::App& app, const Command& command, Options& options) {
  for (const OptionRow& row : command.options) {
    row.bind(app, row, options);
    const std::string_view first_name = row.names.substr(0, row.names.find(','));
    if (!row.value.empty()) app.get_option(std::string{first_name})->type_name(std::string{row.value});
  }
}

}  // namespace

std::span<const Command> commands() noexcept {
  static const Command all[] = {analyze_command, explain_command, gateway_command, index_command,
                                keys_command,    merge_command,   mtu_command};
  return all;
}

std::vector<OptionRow> common_options(const Command& command) {
  constexpr OptionRow help{"-h,--help", "", "", "the options, in brief", nullptr};
  if (!command.name.empty()) return {help};
  return {{"--generate", "WHAT", "", "the manual, with more options, or a completion: man, bash, zsh, fish …", nullptr},
          {"--version", "", "", "version, commit and libraries", nullptr},
          help};
}

std::string help_text(const Command& command) {
  std::string out{command.opening};
  if (command.name.empty()) out += command_lines();
  std::string_view group;
  for (const OptionRow& row : command.options) {
    if (row.group.empty() || row.group == seldom_wanted) continue;
    if (row.group != group) out += "\n" + std::string{row.group} + ":\n";
    group = row.group;
    out += option_line(row);
  }
  for (const OptionRow& row : common_options(command)) out += option_line(row);
  return out + "\n" + std::string{command.closing};
}

Parsed parse(int argc, const char* const* argv) {
  Parsed out;
  const Command& command = command_of(argc, argv);
  const int skipped = command.name.empty() ? 0 : 1;
  out.command = &command;
  bool help = false, version = false;
  CLI::App app;
  app.set_help_flag();
  app.add_flag("-h,--help", help);
  std::string wanted;
  if (command.name.empty()) {
    app.add_flag("--version", version);
    app.add_option("--generate", wanted);
  }
  bind(app, command, out.options);
  try {
    app.parse(argc - skipped, argv + skipped);
  } catch (const CLI::Error& error) {
    out.error = refusal(command, error.what());
    return out;
  }
  if (help)
    out.answer = help_text(command);
  else if (version)
    out.answer = version_text();
  else if (!wanted.empty()) {
    out.answer = generate(wanted);
    if (!out.answer) out.error = refusal(command, "--generate: '" + wanted + "' is none of " + generated_kinds());
  } else if (argc - skipped < 2)
    out.error = std::string{command.usage};
  else if (const auto wrong = command.contradiction(out.options))
    out.error = refusal(command, *wrong);
  return out;
}

}  // namespace espdump::cli
