#include <espdump/codes.hpp>

#include <algorithm>
#include <string>

#include "support/catch.hpp"
#include "support/testdata.hpp"

using namespace espdump;

TEST_CASE("codes: the table is ordered by name, without repeats, and complete in every row") {
  const auto all = codes::all();
  CHECK(std::is_sorted(all.begin(), all.end(), [](auto* a, auto* b) { return a->code < b->code; }));
  CHECK(std::adjacent_find(all.begin(), all.end(), [](auto* a, auto* b) { return a->code == b->code; }) == all.end());
  for (const FindingInfo* info : all) {
    CHECK_FALSE(info->when.empty());
    CHECK_FALSE(info->remedy.empty());
  }
}

TEST_CASE("codes: docs/findings.md names each with its severity, and no other") {
  const auto bytes = test::read_file(test::testdata("../docs/findings.md"));
  const std::string text{bytes.begin(), bytes.end()};
  std::size_t rows = 0;
  for (std::size_t at = text.find("\n| `"); at != std::string::npos; at = text.find("\n| `", at + 1)) ++rows;
  CHECK(rows == codes::all().size());
  for (const FindingInfo* info : codes::all()) {
    INFO(info->code);
    CHECK(text.find("\n| `" + std::string{info->code} + "` | " + std::string{to_string(info->severity)} + " |") !=
          std::string::npos);
  }
}
