// The problems of one key file; a flood of them costs bounded memory.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <espdump/keystore.hpp>

namespace espdump::keys {

class ProblemList {
 public:
  static constexpr std::size_t most = 1000;

  explicit ProblemList(std::string file) : file_(std::move(file)) {}
  void add(std::size_t line, std::string text, bool serious = true) {
    if (problems_.size() < most)
      problems_.push_back({file_, line, std::move(text), serious});
    else
      ++left_out_, serious_left_out_ = serious_left_out_ || serious;
  }
  // All of them in the order of lines; the last one tells how many more there were.
  std::vector<ImportProblem> take();

 private:
  std::string file_;
  std::vector<ImportProblem> problems_;
  std::size_t left_out_ = 0;
  bool serious_left_out_ = false;
};

}  // namespace espdump::keys
