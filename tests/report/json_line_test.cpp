#include "report/json_line.hpp"

#include <rapidjson/document.h>

#include <string>

#include "report/text_util.hpp"
#include "support/catch.hpp"

using namespace espdump;

namespace {

// What a parser makes of the text once it was written.
std::string back(const std::string& text) {
  JsonLine json;
  json.start_line("test");
  json.text("text", text);
  const std::string line{json.end_line()};
  rapidjson::Document document;
  document.Parse(line.data(), line.size());
  REQUIRE_FALSE(document.HasParseError());
  const auto& value = document["text"];
  return {value.GetString(), value.GetStringLength()};
}

}  // namespace

TEST_CASE("json line: any byte anywhere in a short text comes back from a parser") {
  for (std::size_t size = 1; size <= 18; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'x');
        text[at] = static_cast<char>(byte);
        if (back(text) != valid_utf8(text)) FAIL("byte " << byte << " at " << at << " of " << size);
      }
  CHECK(back("") == "");
}

TEST_CASE("json line: control characters leave it escaped, also where all else is plain") {
  for (int byte = 0; byte < 0x20; ++byte) {
    JsonLine json;
    json.start_line("test");
    json.text("text", std::string(9, 'x') + static_cast<char>(byte));
    const std::string_view line = json.end_line();
    CHECK(line.find(static_cast<char>(byte)) == (byte == '\n' ? line.size() - 1 : std::string_view::npos));
  }
}
