#include <espdump/explanation.hpp>

#include <espdump/codes.hpp>

#include <algorithm>
#include <string_view>
#include <vector>

#include "packet/explanations.hpp"
#include "support/catch.hpp"

using namespace espdump;

namespace {

std::vector<const Explanation*> every_explanation() {
  using namespace explanations;
  std::vector<const Explanation*> out;
  for (const auto& part : {esp(), keys(), ike(), sizes(), gateway()})
    for (const Explanation& one : part) out.push_back(&one);
  return out;
}

// Something first, and nothing behind the first gap.
template <typename List, typename IsEmpty>
bool is_filled(const List& list, IsEmpty is_empty) {
  const auto end = std::find_if(list.begin(), list.end(), is_empty);
  return end != list.begin() && std::all_of(end, list.end(), is_empty);
}

bool is_sentence(std::string_view text) {
  return !text.empty() && (text.back() == '.' || text.back() == '?' || text.back() == ')');
}

}  // namespace

TEST_CASE("explanation: there is one for each code, and for nothing else") {
  const auto all = every_explanation();
  CHECK(all.size() == codes::all().size());
  for (const FindingInfo* info : codes::all()) {
    INFO(info->code);
    const Explanation* found = explanation_of(info->code);
    REQUIRE(found != nullptr);
    CHECK(found->code == info->code);
  }
  CHECK(explanation_of("icv") == nullptr);
  CHECK(explanation_of("") == nullptr);
}

TEST_CASE("explanation: each has a meaning, causes, checks and cures, without gaps") {
  const auto is_empty = [](std::string_view text) { return text.empty(); };
  for (const Explanation* one : every_explanation()) {
    INFO(one->code);
    CHECK(is_sentence(one->meaning));
    CHECK(is_filled(one->causes, is_empty));
    CHECK(is_filled(one->checks, [](const Check& check) { return check.command.empty(); }));
    CHECK(is_filled(one->cures, is_empty));
    for (const Check& check : one->checks) CHECK(check.command.empty() == check.shows.empty());
    for (const std::string_view cure : one->cures) CHECK((cure.empty() || is_sentence(cure)));
  }
}
