// What a finding means, what causes it, how to make sure on the boxes themselves, and how to cure it: the one text
// behind `espdump explain` and docs/findings.md.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace espdump {

// A command to run on one of the ends, and what to look for in what it prints.
struct Check {
  std::string_view command;
  std::string_view shows;
};

// Where an array has room for more, the rest is empty.
struct Explanation {
  static constexpr std::size_t most_causes = 5, most_checks = 4, most_cures = 4;
  std::string_view code;     // of the table of codes; one that has several severities is explained once
  std::string_view meaning;  // what happened, and what a Linux receiver makes of it
  std::array<std::string_view, most_causes> causes;  // the likelier ones first
  std::array<Check, most_checks> checks;
  std::array<std::string_view, most_cures> cures;
};

// Of that code; null where there is no such code.
const Explanation* explanation_of(std::string_view code) noexcept;

}  // namespace espdump
