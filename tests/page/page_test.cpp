// The page as a whole: what it says, that it is well formed, and that nothing from outside gets out of its place.
#include "page/page.hpp"

#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/file_digest.hpp"
#include "support/catch.hpp"
#include "support/reporting.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string between(const std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t from = text.find(begin);
  REQUIRE(from != std::string::npos);
  const std::size_t start = from + begin.size(), to = text.find(end, start);
  REQUIRE(to != std::string::npos);
  return text.substr(start, to - start);
}

// What a script element of data holds.
std::string data(const std::string& page, std::string_view id) {
  return between(page, "<script type=\"application/json\" id=\"" + std::string{id} + "\">\n", "</script>");
}

// The first thing that is wrong with how elements nest; empty: nothing.
std::string misnested(const std::string& page) {
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at)) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return "a tag without an end";
    const std::string tag = page.substr(at + 1, end - at - 1);
    at = end;
    if (tag.front() == '!' || tag.back() == '/') continue;
    const std::string name = tag.substr(tag.front() == '/' ? 1 : 0, tag.find_first_of(" \n") - (tag.front() == '/'));
    if (name == "meta" || name == "input") continue;
    if (tag.front() != '/') {
      open.push_back(name);
      if (name == "script" || name == "style") at = page.find("</" + name + ">", end);
      continue;
    }
    if (open.empty() || open.back() != name) return "</" + name + "> at " + std::to_string(at);
    open.pop_back();
  }
  return open.empty() ? "" : "<" + open.back() + "> stays open";
}

Scene troubled() {
  Scene scene{both_states()};
  for (std::uint16_t i = 1; i <= 20; ++i)
    scene.frame(sealed_frame(i, inner_ping(i))).frame(sealed_reply(i, inner_ping(i)));
  scene.frame(spoiled(sealed_frame(21, inner_ping(21))));
  scene.wait(50'000'000).frame(sealed_frame(5, inner_ping(5))).frame(sealed_frame(30, inner_ping(30)));
  return scene;
}

}  // namespace

TEST_CASE("page: verdict, findings with frames and pictures, SAs, packets") {
  const std::string page = troubled().page();
  CHECK(misnested(page) == "");
  CHECK(has(page, "<div class=\"verdict error\">"));
  CHECK(has(page, "<code>icv.bad</code> on #1"));
  CHECK(has(page, "<a href=\"#frame-41\">41</a>"));
  CHECK(has(page, "Sequence numbers of #1 over time"));
  CHECK(has(page, "bad ICV: number 21 in frame 41"));
  CHECK(has(page, "replay: number 5 in frame 42"));
  CHECK(has(page, "numbers 21 to 29 never came"));
  CHECK(has(page, "What icv.bad means"));
  CHECK(has(page, "<tr id=\"sa-2\""));
  CHECK(has(page, "All 43 frames."));
  CHECK(has(page, "<code>--filter udp &lt;b&gt;</code>"));
  CHECK(has(page, "Keys from <code>xfrm.txt</code>"));
}

TEST_CASE("page: a healthy capture says so") {
  Scene scene{both_states()};
  for (std::uint16_t i = 1; i <= 4; ++i)
    scene.frame(sealed_frame(i, inner_ping(i))).frame(sealed_reply(i, inner_ping(i)));
  const std::string page = scene.page();
  CHECK(misnested(page) == "");
  CHECK(has(page, "<div class=\"verdict good\">"));
  CHECK(has(page, "Nothing wrong was found."));
}

TEST_CASE("page: a capture of nothing is a page, too") {
  const std::string page = Scene{}.page();
  CHECK(misnested(page) == "");
  CHECK(data(page, "rows").empty());
}

TEST_CASE("page: its data parse, and each number in them stands for something") {
  const std::string page = troubled().page();
  rapidjson::Document tables;
  tables.Parse(data(page, "tables").c_str());
  REQUIRE_FALSE(tables.HasParseError());
  const rapidjson::SizeType strings = tables["strings"].Size(), shapes = tables["shapes"].Size();
  CHECK(shapes < 12);  // what repeats is said once
  const std::vector<std::string> rows = lines_of(data(page, "rows")), details = lines_of(data(page, "details"));
  REQUIRE(rows.size() == 43);
  REQUIRE(details.size() == 43);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rapidjson::Document row, detail;
    row.Parse(rows[i].c_str());
    detail.Parse(details[i].c_str());
    REQUIRE_FALSE(row.HasParseError());
    REQUIRE_FALSE(detail.HasParseError());
    CHECK(row["packet"]["frame"].GetUint64() == i + 1);
    CHECK(row["words"].Size() == 3);
    REQUIRE(detail["shape"].GetUint() < shapes);
    const rapidjson::Value& shape = tables["shapes"][detail["shape"].GetUint()];
    REQUIRE(shape.Size() == detail["values"].Size());
    std::size_t begins = 0;
    for (rapidjson::SizeType line = 0; line < shape.Size(); ++line) {
      CHECK(shape[line][2].GetUint() < strings);
      CHECK(detail["values"][line].GetUint() < strings);
      begins += shape[line][0].GetUint() == 0 || shape[line][0].GetUint() == 3 ? 1 : 0;
    }
    CHECK(detail["places"].Size() == 2 * begins);
  }
}

TEST_CASE("page: rows are the objects of --json") {
  const Scene scene = troubled();
  const std::vector<std::string> rows = lines_of(data(scene.page(), "rows"));
  std::size_t row = 0;
  for (const std::string& line : lines_of(scene.json()))
    if (line.rfind("{\"type\":\"packet\"", 0) == 0) {
      REQUIRE(row < rows.size());
      CHECK(has(rows[row++], line));
    }
  CHECK(row == rows.size());
}

TEST_CASE("page: hostile names stay text") {
  Scene scene{both_states()};
  scene.files = {"<img src=x onerror=alert(1)>\"'.pcap", "</script><script>alert(2)</script>.pcap"};
  scene.frame(sealed_frame(1, inner_ping(1))).in_file(1).frame(sealed_frame(2, inner_ping(2)));
  const std::string page = scene.page();
  CHECK(misnested(page) == "");
  CHECK_FALSE(has(page, "<img"));
  CHECK_FALSE(has(page, "<script>alert"));
  CHECK(has(page, "\\u003c/script>\\u003cscript>alert(2)"));
}

TEST_CASE("page: no script runs but its own") {
  const std::string page = troubled().page();
  const std::string policy = between(page, "Content-Security-Policy\" content=\"", "\">");
  const std::string script = between(page, "</footer>\n<script>", "</script>");
  CHECK(has(policy, "default-src 'none'"));
  CHECK(has(policy, "script-src 'sha256-" + sha256_base64(script) + "'"));
  CHECK_FALSE(has(page, "http:"));
  CHECK_FALSE(has(page, "https:"));
}

TEST_CASE("page: keys are not in it") {
  const std::string page = troubled().page();
  CHECK_FALSE(has(page, std::string{gcm_suite}.substr(28, 16)));
  CHECK_FALSE(has(page, std::string{back_suite}.substr(28, 16)));
}

TEST_CASE("page: of a large capture some packets, and it says which") {
  Scene scene{both_states()};
  for (std::uint16_t i = 1; i <= 300; ++i) scene.frame(sealed_frame(i, inner_ping(i)));
  scene.frame(spoiled(sealed_frame(301, inner_ping(301))));
  const std::string page = scene.page(50);
  CHECK(has(page, "of 301 frames: those with findings and their neighbours, the first of IKE, and every "));
  CHECK(lines_of(data(page, "rows")).size() <= 50);
  CHECK(has(data(page, "rows"), "\"anchor\":\"frame-301\""));
  const std::string none = scene.page(0);
  CHECK(data(none, "rows").empty());
}
