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
