// Counting and telling, the same for every format.
#include "keys/intake.hpp"

#include <fmt/core.h>

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

bool Intake::has_room_for_ike(std::size_t line) {
  if (!ike_->full()) return true;
  problem_once(line,
               fmt::format("more than {} IKE SAs or key exchanges; the rest of them is left out", IkeTable::most));
  return false;
}

std::optional<std::uint32_t> Intake::add(IkeKeys keys, std::size_t line) {
  if (!has_room_for_ike(line)) return std::nullopt;
  keys.file = file_;
  keys.line = line;
  const auto index = ike_->add(std::move(keys));
  if (index)
    ike_keys_.insert(*index);
  else
    problem(line, "more than a few IKE SAs have these keys; this one is left out");
  return index;
}

void Intake::add(SharedSecret secret, std::size_t line) {
  if (secret.value.empty() || !has_room_for_ike(line)) return;
  secret.file = file_;
  secret.line = line;
  ike_->add(std::move(secret));
}

template <typename Entry>
void Intake::add_logged(Entry entry) {
  const std::size_t line = entry.line;
  entry.file = file_;
  if (!ike_->log().add(std::move(entry)))
    problem_once(line, fmt::format("more than {} negotiations; the rest of them is left out", NegotiationLog::most),
                 false);
}

void Intake::add(LoggedProposals entry) { add_logged(std::move(entry)); }
void Intake::add(LoggedSelectors entry) { add_logged(std::move(entry)); }

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
  report.ike_keys = ike_keys_.size();
  report.problems = problems_.take();
  return report;
}

}  // namespace espdump::keys
