#include "run/progress.hpp"

#include "support/catch.hpp"

using namespace espdump;
using namespace espdump::run;

TEST_CASE("progress: part, rate and what is left") {
  CHECK(progress_text(1'200'000, {25, 100}, 1, 80) ==
        " 25 % [##########                              ]  1.2 M packets/s, 3 s left");
  CHECK(progress_text(50'000, {50, 100}, 2, 60) == " 50 % [#############             ]  25 k packets/s, 2 s left");
  CHECK(progress_text(10, {1, 1'000'000'000}, 10, 80).find("1 packets/s, 2777777.8 h left") != std::string::npos);
}

TEST_CASE("progress: never wider than the terminal") {
  for (std::size_t columns = 1; columns < 120; ++columns)
    for (const ReadProgress& progress :
         {ReadProgress{0, 100}, ReadProgress{37, 100}, ReadProgress{200, 100}, ReadProgress{5, 0}})
      CHECK(progress_text(123'456, progress, 7, columns).size() <= columns);
}

TEST_CASE("progress: where it is not known how much there is, packets are counted") {
  CHECK(progress_text(120'000, {5, 0}, 1, 80) == "120000 packets, 120 k packets/s");
}
