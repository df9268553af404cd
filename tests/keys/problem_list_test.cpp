#include "keys/problem_list.hpp"

#include "support/catch.hpp"

using namespace espdump;
using keys::ProblemList;

TEST_CASE("problem list: problems come in the order of lines, equal lines as they were added") {
  ProblemList list{"keys.txt"};
  list.add(7, "late");
  list.add(2, "early", false);
  list.add(7, "later");
  const auto problems = list.take();
  REQUIRE(problems.size() == 3);
  CHECK((problems[0].text == "early" && problems[0].line == 2 && !problems[0].serious));
  CHECK((problems[1].text == "late" && problems[1].serious && problems[1].file == "keys.txt"));
  CHECK(problems[2].text == "later");
}

TEST_CASE("problem list: none is none") { CHECK(ProblemList{"x"}.take().empty()); }

TEST_CASE("problem list: exactly as many as fit have no line behind them") {
  ProblemList list{"x"};
  for (std::size_t line = 1; line <= ProblemList::most; ++line) list.add(line, "p");
  CHECK(list.take().size() == ProblemList::most);
}

TEST_CASE("problem list: the last tells how many were left out, and whether one was serious") {
  for (const bool serious : {false, true}) {
    ProblemList list{"x"};
    for (std::size_t line = ProblemList::most; line > 0; --line) list.add(line, "p");
    list.add(1, "left out", false);
    list.add(2, "left out", serious);
    list.add(3, "left out", false);
    const auto problems = list.take();
    REQUIRE(problems.size() == ProblemList::most + 1);
    CHECK(problems.front().line == 1);
    CHECK(problems.back().text == "3 more problems in this file are not listed");
    CHECK(problems.back().line == ProblemList::most);
    CHECK(problems.back().serious == serious);
  }
}
