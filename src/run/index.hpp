// `espdump index`: what captures hold, and where they can be cut, for those who distribute work.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "run/outcome.hpp"

namespace espdump::run {

struct IndexOptions {
  std::vector<std::string> captures;
  std::uint64_t slice = 0;  // about so many bytes a range; 0: captures are not cut, but read and described
  bool json = false;
  bool no_sandbox = false;
};

Outcome index(const IndexOptions& options);

}  // namespace espdump::run
