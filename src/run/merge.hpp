// `espdump merge`: partial results joined to the report of one run over all captures.
#pragma once

#include <string>
#include <vector>

#include "run/analyze.hpp"
#include "run/outcome.hpp"

namespace espdump::run {

struct MergeOptions {
  std::vector<std::string> partials;
  std::string joined;  // where all of them go as one, instead of a report; empty: nowhere
  std::string page;    // as in the main job
  std::optional<Severity> fail_on;
  When color = When::automatic;
  bool json = false;
  bool quiet = false;  // captures are not listed
  bool no_sandbox = false;
};

Outcome merge(const MergeOptions& options);

}  // namespace espdump::run
