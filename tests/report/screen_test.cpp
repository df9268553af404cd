#include "report/screen.hpp"

#include "support/catch.hpp"

using namespace espdump;

namespace {

TextOptions terminal(std::size_t columns, std::size_t rows) {
  TextOptions out;
  out.columns = columns;
  out.rows = rows;
  return out;
}

// What a terminal gets of these lines and this report.
std::string shown(const TextOptions& options, std::string_view lines, std::string_view report,
                  std::string_view wrong = "wrong\n") {
  std::string out;
  Output output{&out};
  Screen screen{output, options};
  screen.lines(lines);
  screen.end(report, "verdict\n", wrong);
  return out;
}

std::string times(std::size_t count, std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += line;
  return out;
}

}  // namespace

TEST_CASE("screen: a line is cut to the columns there are") {
  CHECK(cut_to("12345", 5) == "12345");
  CHECK(cut_to("123456", 5) == "1234…");
  CHECK(cut_to("", 5).empty());
  CHECK(cut_to("äöüßéè", 5) == "äöüß…");
  CHECK(cut_to("ä…ß", 3) == "ä…ß");
}

TEST_CASE("screen: colours take no column, and end with the line") {
  const std::string red = "\x1b[31;1m", plain = "\x1b[0m";
  CHECK(cut_to(red + "12345" + plain, 5) == red + "12345" + plain);
  CHECK(cut_to("12" + red + "3456" + plain, 5) == "12" + red + "34…" + plain);
  CHECK(cut_to("1234" + red + "56" + plain, 5) == "1234" + red + "…" + plain);
  CHECK(cut_to("12345\x1b[", 5) == "12345\x1b[");
}

TEST_CASE("screen: off a terminal everything is as it is") {
  const std::string long_line = std::string(300, 'x') + "\n";
  CHECK(shown({}, long_line, "report\n") == long_line + "report\n");
}

TEST_CASE("screen: what fits a terminal needs no word before or behind it") {
  CHECK(shown(terminal(80, 24), times(3, "packet\n"), "\nreport\n") == times(3, "packet\n") + "\nreport\n");
}

TEST_CASE("screen: lines that push the report away have the verdict before them") {
  const std::string lines = times(22, "packet\n");
  CHECK(shown(terminal(80, 24), lines, "\nreport\n") == "verdict\nwrong\n\n" + lines + "\nreport\n");
  CHECK(shown(terminal(80, 24), lines, "\nreport\n", "") == "verdict\n\n" + lines + "\nreport\n");
}

TEST_CASE("screen: a report longer than the screen ends in what is wrong") {
  const std::string report = times(24, "report\n");
  CHECK(shown(terminal(80, 24), "", report) == report + "\nwrong\n");
  CHECK(shown(terminal(80, 24), "", report, "") == report);
  CHECK(shown(terminal(80, 25), "", report) == report);
}

TEST_CASE("screen: trees and dumps are not cut") {
  TextOptions options = terminal(10, 24);
  const std::string line = "a line of a tree\n";
  CHECK(shown(options, line, "report\n") == "a line of…\nreport\n");
  options.verbosity = 2;
  CHECK(shown(options, line, "report\n") == line + "report\n");
  options.verbosity = 0;
  options.hex = true;
  CHECK(shown(options, line, "report\n") == line + "report\n");
}

TEST_CASE("screen: lines come at once where somebody waits for them, or there are too many to hold back") {
  std::string out;
  Output output{&out};
  TextOptions options = terminal(80, 24);
  options.as_it_comes = true;
  Screen live{output, options};
  live.lines("packet\n");
  CHECK(out == "packet\n");

  out.clear();
  options.as_it_comes = false;
  Screen screen{output, options};
  const std::string line = std::string(79, 'x') + "\n", few = times(1000, line);
  screen.lines(few);
  CHECK(out.empty());
  std::size_t held = few.size();
  for (; out.empty() && held < (std::size_t{64} << 20); held += few.size()) screen.lines(few);
  CHECK(out.find("The verdict stands behind the last packet") == 0);
  CHECK(out.size() == out.find("\n\n") + 2 + held);
  screen.lines("last\n");
  CHECK(out.substr(out.size() - 5) == "last\n");
  const std::size_t before = out.size();
  screen.end("report\n", "verdict\n", "wrong\n");
  CHECK(out.substr(before) == "report\n");
}
