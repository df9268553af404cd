// From what was typed to what is to be done.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace espdump::cli {

struct Parsed {
  const Command* command = nullptr;
  Options options;
  std::optional<std::string> answer;  // print this on stdout and stop: --help, --version
  std::optional<std::string> error;   // print this on stderr and stop
};

// Reads the command line; never throws, opens nothing. The first word is a command, or else all is the main job.
Parsed parse(int argc, const char* const* argv);

// What every command takes beside its own options, and the main job beside those.
std::vector<OptionRow> common_options(const Command&);
std::string help_text(const Command&);

}  // namespace espdump::cli
