// The problems of one key file, put in order.
#include "keys/problem_list.hpp"

#include <algorithm>
#include <utility>

namespace espdump::keys {

std::vector<ImportProblem> ProblemList::take() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const auto& one, const auto& two) { return one.line < two.line; });
  if (left_out_ != 0) {
    const std::size_t last = problems_.back().line;
    problems_.push_back(
        {file_, last, std::to_string(left_out_) + " more problems in this file are not listed", serious_left_out_});
  }
  return std::move(problems_);
}

}  // namespace espdump::keys
