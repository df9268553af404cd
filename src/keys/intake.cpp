// Counting and telling, the same for every format.
#include "keys/intake.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "keys/text.hpp"

namespace espdump::keys {

void Intake::found(const std::string& format) { format_ += (formats_++ == 0 ? "" : " + ") + format; }

void Intake::problem_once(std::size_t line, const std::string& text, bool serious) {
  if (std::find(told_.begin(), told_.end(), text) != told_.end()) return;
  told_.push_back(text);
  problem(line, text, serious);
}

void Intake::unknown_line(std::size_t line, std::string_view word) {
  if (++unknown_lines_ != 1) return;
  first_unknown_ = line;
  unknown_word_ = in_quotes(word);
}

AlgorithmUse Intake::take(KeyReading reading, std::size_t line) {
  const bool about_all = reading.use.state == KeyState::hidden || reading.use.state == KeyState::all_zero;
  if (!reading.problem.empty() && !(about_all && told_key_)) problem(line, std::move(reading.problem), reading.serious);
  told_key_ = told_key_ || about_all;
  return reading.use;
}

std::uint32_t Intake::add(SecurityAssociation sa, std::size_t line) {
  told_key_ = false;
  sa.file = file_;
  sa.line = line;
  ++records_;
  if (sa.usable()) ++usable_;
  return table_->add(std::move(sa));
}

ImportReport Intake::finish() {
  if (unknown_lines_ != 0 && formats_ == 1) {
    const std::string more =
        unknown_lines_ == 1 ? "" : fmt::format(", as are {} more unknown lines", unknown_lines_ - 1);
    problem(first_unknown_,
            fmt::format("line beginning with {} is not known and is passed over{}", unknown_word_, more), false);
  }
  ImportReport report;
  report.file = std::move(file_);
  report.format = std::move(format_);
  report.records = records_;
  report.usable = usable_;
  report.problems = problems_.take();
  return report;
}

}  // namespace espdump::keys
