#include "run/explain.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include <espdump/codes.hpp>
#include <espdump/explanation.hpp>

#include "base/write_all.hpp"
#include "report/explanation_text.hpp"
#include "report/text_util.hpp"
#include "run/message.hpp"

namespace espdump::run {
namespace {

const FindingInfo* find(std::string_view code) {
  for (const FindingInfo* info : codes::all())
    if (info->code == code) return info;
  return nullptr;
}

// Takes the first word off; empty where there is none left.
std::string_view next_word(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of(".-_ "), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool share_a_word(std::string_view some, std::string_view others) {
  while (!some.empty()) {
    const std::string_view word = next_word(some);
    for (std::string_view rest = others; !rest.empty();)
      if (next_word(rest) == word && !word.empty()) return true;
  }
  return false;
}

std::string meant_by(std::string_view code) {
  std::string out;
  for (const FindingInfo* info : codes::all())
    if (share_a_word(code, info->code)) out += (out.empty() ? "" : ", ") + std::string{info->code};
  return out;
}

void refuse(const std::string& code) {
  const std::string meant = meant_by(code);
  const std::string hint = meant.empty() ? "`espdump explain --list` names them all" : "there are " + meant;
  say(fmt::format("no finding is called '{}': {}", code, hint));
}

std::string listed() {
  std::size_t longest = 0;
  for (const FindingInfo* info : codes::all()) longest = std::max(longest, info->code.size());
  std::string out;
  for (const FindingInfo* info : codes::all())
    out += padded(info->code, longest + 2) + padded(to_string(info->severity), 9) + std::string{info->when} + "\n";
  return out;
}

std::string explained(const FindingInfo& info, const ExplainOptions& options) {
  const Explanation* explanation = explanation_of(info.code);
  if (explanation == nullptr) return {};  // a test holds the tables against each other
  if (options.json) return explanation_json(info, *explanation);
  return options.markdown ? explanation_markdown(*explanation) : explanation_text(info, *explanation);
}

}  // namespace

Outcome explain(const ExplainOptions& options) {
  Outcome outcome;
  std::string out;
  const auto add = [&](const FindingInfo& info) {
    if (!out.empty() && !options.json) out += "\n";
    out += explained(info, options);
  };
  if (options.list) out = listed();
  if (options.all)
    for (const FindingInfo* info : codes::all()) add(*info);
  for (const std::string& code : options.codes) {
    if (const FindingInfo* info = find(code)) {
      add(*info);
      continue;
    }
    refuse(code);
    outcome.unusable_input = true;
  }
  outcome.written(write_all(STDOUT_FILENO, out));
  return outcome;
}

}  // namespace espdump::run
