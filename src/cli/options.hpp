// From what was typed to what is to be done.
#pragma once

#include <optional>
#include <string>

#include "run/analyze.hpp"

namespace espdump::cli {

struct Parsed {
  run::AnalyzeOptions options;
  std::optional<std::string> answer;  // print this on stdout and stop: --help, --version
  std::optional<std::string> error;   // print this on stderr and stop
};

// Reads the command line; never throws, opens nothing.
Parsed parse(int argc, const char* const* argv);

std::string help_text();
// Three lines for who typed `espdump` alone.
std::string usage_text();

}  // namespace espdump::cli
