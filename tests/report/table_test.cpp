#include "report/table.hpp"

#include "support/catch.hpp"

using namespace espdump;
using Strings = std::vector<std::string>;

TEST_CASE("table: columns fit the widest cell, numbers stand right, nothing trails") {
  Table table;
  table.row({"#", "name", "count", "end"});
  table.row({"10", "ä", "7", ""});
  CHECK(table.lines(2, 2) == Strings{"   #  name  count  end\n", "  10  ä         7\n"});
  CHECK(Table{}.lines(0, 0).empty());
}

TEST_CASE("table: what is too wide folds, column by column, and loses nothing") {
  Table table;
  table.row({"#", "name", "count", "suite", "end"});
  table.row({"1", "a name", "7", "AES", "the end"});
  table.row({"2", "", "12", "", ""});
  const Strings whole = table.lines(2, 2);
  CHECK(whole[1] == "  1  a name      7  AES    the end\n");
  CHECK(table.lines(2, 2, {34, {4, 3}}) == whole);
  CHECK(table.lines(2, 2, {33, {4, 3}}) == Strings{"  #  name    count  suite\n     end\n",
                                                   "  1  a name      7  AES\n     the end\n", "  2             12\n"});
  CHECK(table.lines(2, 2, {20, {4, 3}}) == Strings{"  #  name    count\n     suite; end\n",
                                                   "  1  a name      7\n     AES; the end\n", "  2             12\n"});
  // What nobody said may fold stays.
  CHECK(table.lines(2, 2, {5, {}}) == whole);
}
