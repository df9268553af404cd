#include "page/markup.hpp"

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("markup: nothing from outside becomes a tag, an attribute or a control") {
  CHECK(markup("<script>alert('x') & \"y\"</script>") ==
        "&lt;script&gt;alert(&#39;x&#39;) &amp; &quot;y&quot;&lt;/script&gt;");
  CHECK(markup("a\x1b[31m\nb") == "a\\x1b[31m\\x0ab");
  CHECK(markup("grün 日本") == "grün 日本");
  CHECK(markup("\xff!") == "\xef\xbf\xbd!");
}

TEST_CASE("markup: characters that turn the direction of text are shown by their numbers") {
  CHECK(markup("a\u202eb\u2066c\u200fd") == "a\\u202eb\\u2066c\\u200fd");
  CHECK(markup("\u2026 \u2013") == "\u2026 \u2013");  // neighbours of these that do not
}

TEST_CASE("markup: code between backticks, newlines kept") {
  CHECK(prose("set `a<b` here\nand `c`") == "set <code>a&lt;b</code> here\nand <code>c</code>");
  CHECK(prose("a lone ` stays") == "a lone ` stays");
  CHECK(prose("") == "");
}

TEST_CASE("markup: JSON cannot end the script element that it stands in") {
  CHECK(json_in_script(R"({"a":"</script><!--"})") == "{\"a\":\"\\u003c/script>\\u003c!--\"}");
}

TEST_CASE("markup: counts in few characters") {
  CHECK(short_number(9999) == "9999");
  CHECK(short_number(12'345) == "12.3k");
}

TEST_CASE("markup: marks of an axis come to an end, wherever it is") {
  CHECK(Scale{0, 10, 0, 100}.step(5) == 2);
  CHECK(Scale{5, 5, 0, 100}.step(5) == 1);
  // Seconds of a capture whose first frame claims another century, with a range that doubles cannot divide.
  Svg svg{100, 100, "t", "d"};
  svg.time_axis({4.5e9, 4.5e9 + 1e-7, 0, 100}, 0, 100);
  CHECK(svg.end().size() < 10'000);
}
