#include "analysis/analyzers.hpp"

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("frame list: neighbours make ranges, repeats do not count") {
  FrameList list;
  CHECK(list.count() == 0);
  CHECK(list.first() == 0);
  list.add(7);
  CHECK(list.to_string() == "frame 7");
  list.add(7);
  CHECK(list.count() == 1);
  for (const FrameNumber frame : {42, 43, 44, 48}) list.add(frame);
  CHECK(list.to_string() == "frames 7, 42-44, 48");
  CHECK(list.to_string(2) == "frames 7, 42-44 … (+1)");
  CHECK(list.count() == 5);
  CHECK(list.first() == 7);
}

TEST_CASE("frame list: after 64 ranges the rest is counted, and joins none of them") {
  FrameList list;
  for (FrameNumber frame = 1; frame <= 200; frame += 2) list.add(frame);
  list.add(200);
  CHECK(list.count() == 101);
  CHECK(list.to_string(1) == "frames 1 … (+100)");
  const std::string all = list.to_string(1'000);
  CHECK(all.find(", 127 … (+37)") != std::string::npos);
  CHECK(all.find("129") == std::string::npos);
}

TEST_CASE("report words: counts have a plural") {
  CHECK(count_of(0, "packet") == "0 packets");
  CHECK(count_of(1, "packet") == "1 packet");
  CHECK(count_of(2, "packet") == "2 packets");
}

TEST_CASE("report words: durations have three digits and a unit, and no exponent") {
  CHECK(duration(0) == "0 us");
  CHECK(duration(1'600'000) == "1.6 ms");
  CHECK(duration(12'000'000'000) == "12 s");
  CHECK(duration(15'300) == "15.3 us");
  CHECK(duration(1'234'000'000) == "1.23 s");
  CHECK(duration(999'700).find('e') == std::string::npos);
  CHECK(duration(1'234'000'000'000) == "1234 s");
  CHECK(duration(-2'000'000'000) == "-2 s");
}

TEST_CASE("report words: SA numbers stay in order, each once") {
  std::vector<SaNumber> list;
  for (const SaNumber number : {3U, 1U, 2U, 3U}) add_sa(list, number);
  CHECK(list == std::vector<SaNumber>{1, 2, 3});
}

TEST_CASE("analyzers: the list is the same each time and has no empty place") {
  PathFacts paths;
  const auto first = make_analyzers(paths), second = make_analyzers(paths);
  CHECK(first.size() == second.size());
  CHECK(first.size() >= 5);
  for (const auto& analyzer : first) CHECK(analyzer != nullptr);
}
