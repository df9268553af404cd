// Key and policy files of a run.
#pragma once

#include <string>
#include <vector>

#include <espdump/keystore.hpp>

#include "run/outcome.hpp"

namespace espdump::run {

struct LoadedKeys {
  Keystore keystore;                  // sealed
  std::vector<ImportReport> reports;  // of the files that could be read
};

// Reads them all, once confine() has seen to it that nothing gets out, and says what is wrong with them; what is worth
// knowing only when `all`.
LoadedKeys load_keys(const std::vector<std::string>& keys, const std::vector<std::string>& policies, bool all,
                     Outcome& outcome);

}  // namespace espdump::run
