// Rows as Wireshark saves them.
#include "keys/uat_row.hpp"

#include <string>

#include "support/catch.hpp"

using namespace espdump;

namespace {

std::string spell_row(std::string_view line) {
  SecretArena arena;
  const auto row = keys::read_uat_row(line, arena);
  if (!row) return "none";
  std::string out;
  for (const std::string_view value : *row) out.append("<").append(value).append(">");
  return out;
}

}  // namespace

TEST_CASE("uat row: values in marks and bare ones") {
  CHECK(spell_row(R"("a","b c",d)") == "<a><b c><d>");
  CHECK(spell_row(R"( "a" , b ,"",)") == "<a><b><><>");
  CHECK(spell_row(R"("a,b")") == "<a,b>");
  CHECK(spell_row("") == "<>");
}

TEST_CASE("uat row: escapes are undone") {
  CHECK(spell_row(R"("a\x22\x5cb\"c\\")") == "<a\"\\b\"c\\>");
  CHECK(spell_row(R"("\x4")") == "<x4>");
}

TEST_CASE("uat row: what is no row") {
  CHECK(spell_row(R"("a)") == "none");
  CHECK(spell_row(R"("a" b)") == "none");
  CHECK(spell_row(R"("a\")") == "none");
  CHECK(spell_row(R"("a\)") == "none");
}

TEST_CASE("uat row: values are bounded") {
  SecretArena arena;
  CHECK(keys::read_uat_row(std::string(1000, ','), arena)->size() == 16);
}
