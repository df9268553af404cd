// `espdump explain`: what findings mean.
#pragma once

#include <string>
#include <vector>

#include "run/outcome.hpp"

namespace espdump::run {

struct ExplainOptions {
  std::vector<std::string> codes;
  bool all = false;
  bool list = false;  // names alone, with when they are raised
  bool markdown = false;
  bool json = false;
};

// Prints on standard output. A code that does not exist is told on standard error, with those that it may have been
// meant for, and makes the input unusable; the others are explained.
Outcome explain(const ExplainOptions& options);

}  // namespace espdump::run
