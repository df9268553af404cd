// Captures put together from the partial results of their parts.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <espdump/result.hpp>

#include "partial/partial.hpp"

namespace espdump::run {

// One of the sources of a partial result.
struct SourcePlace {
  std::size_t member = 0, source = 0;
};

// A capture, whole or in parts, which stand in the order of its bytes.
struct CaptureParts {
  std::vector<SourcePlace> parts;
  bool in_ranges = false;
};

// The captures of all. Errors: parts that are missing, that overlap, or that do not know the same interfaces. What
// stands behind damage is no part, for one run does not read it either; `notes` tells.
Result<std::vector<CaptureParts>> captures_of(const std::vector<partial::Member>& members,
                                              std::vector<std::string>& notes);

}  // namespace espdump::run
