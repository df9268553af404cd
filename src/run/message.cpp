// Messages on standard error.
#include "run/message.hpp"

#include <cstdio>

#include "report/text_util.hpp"

namespace espdump::run {

void say(std::string_view text) {
  const std::string line = "espdump: " + terminal_safe(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void say(const Error& error) { say(error.to_string()); }

void say(const std::vector<ImportProblem>& problems, const std::string& file, bool all) {
  constexpr std::size_t most = 20;
  std::size_t told = 0, left_out = 0;
  for (const ImportProblem& problem : problems) {
    if (!problem.serious && !all) continue;
    if (told == most && !all) {
      ++left_out;
      continue;
    }
    ++told;
    say(Error{problem.text, problem.file, problem.line});
  }
  if (left_out != 0) say(Error{"… and " + std::to_string(left_out) + " more problems of this kind", file, 0});
}

}  // namespace espdump::run
