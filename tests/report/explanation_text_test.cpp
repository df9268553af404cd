#include "report/explanation_text.hpp"

#include <espdump/codes.hpp>

#include <rapidjson/document.h>

#include <sstream>
#include <string>

#include "report/text_util.hpp"
#include "support/catch.hpp"

using namespace espdump;

namespace {

const Explanation example{"icv.bad",
                          "It is not what it was.",
                          {"one cause", "another"},
                          {{{"ip -s xfrm state", "a counter"}, {"cat \"file\"", "a line"}}},
                          {"Load the right keys."}};

}  // namespace

TEST_CASE("explanation text: all that there is, in the order in which it is needed") {
  CHECK(explanation_text(codes::icv_bad, example) ==
        "icv.bad (error): the ICV of a packet does not verify under its SA\n"
        "\n"
        "  It is not what it was.\n"
        "\n"
        "What causes it\n"
        "  - one cause\n"
        "  - another\n"
        "\n"
        "How to make sure\n"
        "  $ ip -s xfrm state\n"
        "      a counter\n"
        "  $ cat \"file\"\n"
        "      a line\n"
        "\n"
        "What helps\n"
        "  - Load the right keys.\n");
}

TEST_CASE("explanation text: no line but a command is wider than 100 columns") {
  for (const FindingInfo* info : codes::all()) {
    std::istringstream lines{explanation_text(*info, *explanation_of(info->code))};
    for (std::string line; std::getline(lines, line);) {
      INFO(line);
      CHECK((columns(line) <= 100 || line.rfind("  $ ", 0) == 0));
    }
  }
}

TEST_CASE("explanation markdown: a section") {
  CHECK(explanation_markdown(example) ==
        "### icv.bad\n"
        "\n"
        "It is not what it was.\n"
        "\n"
        "What causes it:\n"
        "\n"
        "- one cause\n"
        "- another\n"
        "\n"
        "How to make sure:\n"
        "\n"
        "- `ip -s xfrm state`: a counter\n"
        "- `cat \"file\"`: a line\n"
        "\n"
        "What helps:\n"
        "\n"
        "- Load the right keys.\n");
}

TEST_CASE("explanation JSON: one object that a parser reads") {
  const std::string line = explanation_json(codes::icv_bad, example);
  CHECK(line.find('\n') == line.size() - 1);
  rapidjson::Document read;
  read.Parse(line.c_str());
  REQUIRE_FALSE(read.HasParseError());
  CHECK(std::string{read["type"].GetString()} == "explanation");
  CHECK(std::string{read["code"].GetString()} == "icv.bad");
  CHECK(std::string{read["severity"].GetString()} == "error");
  CHECK(read["causes"].Size() == 2);
  CHECK(std::string{read["checks"][1]["command"].GetString()} == "cat \"file\"");
  CHECK(std::string{read["cures"][0].GetString()} == "Load the right keys.");
}
