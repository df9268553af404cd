#include "report/text_util.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/random.hpp"

using namespace espdump;

namespace {

const std::string sign = "\xef\xbf\xbd";  // U+FFFD

// A decoder in the plainest form: bytes to code points, then the conditions of RFC 3629 on the number.
bool is_valid(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
    const std::uint32_t first = byte(at);
    const std::size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
    if (length == 0 || at + length > text.size()) return false;
    std::uint32_t code = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t i = at + 1; i < at + length; ++i) {
      if (byte(i) >> 6 != 2) return false;
      code = code << 6 | (byte(i) & 0x3f);
    }
    const std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    at += length;
  }
  return true;
}

std::string signs(std::size_t count) {
  std::string out;
  while (count-- > 0) out += sign;
  return out;
}

}  // namespace

TEST_CASE("text: valid UTF-8 stays as it is") {
  for (const std::string text :
       {"", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"})
    CHECK(valid_utf8(text) == text);
  const std::string zero("a\0b", 3);
  CHECK(valid_utf8(zero) == zero);
}

TEST_CASE("text: overlong forms are no UTF-8") {
  CHECK(valid_utf8("\xc0\x80") == signs(2));
  CHECK(valid_utf8("\xc1\xbf") == signs(2));
  CHECK(valid_utf8("\xe0\x80\x80") == signs(3));
  CHECK(valid_utf8("\xe0\x9f\xbf") == signs(3));
  CHECK(valid_utf8("\xf0\x80\x80\x80") == signs(4));
  CHECK(valid_utf8("\xf0\x8f\xbf\xbf") == signs(4));
}

TEST_CASE("text: surrogates and numbers beyond U+10FFFF are no UTF-8") {
  CHECK(valid_utf8("\xed\xa0\x80") == signs(3));
  CHECK(valid_utf8("\xed\xbf\xbf") == signs(3));
  CHECK(valid_utf8("\xf4\x90\x80\x80") == signs(4));
  CHECK(valid_utf8("\xf5\x80\x80\x80") == signs(4));
  CHECK(valid_utf8("\xff\xfe") == signs(2));
}

TEST_CASE("text: a truncated sequence does not swallow what follows") {
  CHECK(valid_utf8("\xc3") == sign);
  CHECK(valid_utf8("\xc3(") == sign + "(");
  CHECK(valid_utf8("\xe2\x82") == signs(2));
  CHECK(valid_utf8("\xe2\x82x") == signs(2) + "x");
  CHECK(valid_utf8("\xf0\x9f\x98") == signs(3));
  CHECK(valid_utf8("\x80z") == sign + "z");
  CHECK(valid_utf8("\xe2\xc3\xa4") == sign + "\xc3\xa4");
}

TEST_CASE("text: random bytes come out valid, and valid ones unchanged") {
  test::Random random;
  INFO("seed " << random.seed());
  const std::string alphabet = "az\x80\x8f\x90\x9f\xa0\xbf\xc2\xe0\xe2\xed\xf0\xf4\xf5";
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t left = random.below(8); left > 0; --left) text += alphabet[random.below(alphabet.size())];
    const std::string clean = valid_utf8(text);
    if (!is_valid(clean) || (is_valid(text) && clean != text)) FAIL("round " << round);
  }
}

TEST_CASE("text: nothing a terminal obeys gets through") {
  CHECK(terminal_safe("a\x1b[31mb\n\t\x7f") == "a\\x1b[31mb\\x0a\\x09\\x7f");
  CHECK(terminal_safe("\xc3\xa4\xff") == "\xc3\xa4" + sign);
  // C1 controls: U+009B alone begins a control sequence on some terminals.
  CHECK(terminal_safe("\xc2\x9b"
                      "31m") == "\\x9b31m");
  CHECK(terminal_safe("\xc2\xa0") == "\xc2\xa0");
}

TEST_CASE("text: columns and padding count characters, not bytes") {
  CHECK(columns("") == 0);
  CHECK(columns("abc") == 3);
  CHECK(columns("\xc3\xa4\xe2\x80\xa6\xf0\x9f\x98\x80") == 3);
  CHECK(padded("\xe2\x80\xa6", 3) == "\xe2\x80\xa6  ");
  CHECK(padded("abcd", 3) == "abcd");
  CHECK(padded("", 2) == "  ");
}

TEST_CASE("text: lines break at spaces, behind their indentation") {
  CHECK(wrapped("", 2, 40).empty());
  CHECK(wrapped("one", 2, 40) == "  one\n");
  CHECK(wrapped("aaaaaaaaaa bbbbbbbbbb ccc", 0, 21) == "aaaaaaaaaa bbbbbbbbbb\nccc\n");
  CHECK(wrapped("aaaaaaaaaa bbbbbbbbbbb", 2, 23) == "  aaaaaaaaaa\n  bbbbbbbbbbb\n");
  CHECK(wrapped("first\nsecond line", 4, 60) == "    first\n    second line\n");
  CHECK(wrapped("ends\n", 0, 60) == "ends\n");
  CHECK(wrapped("aaaaaaaaaa bbbbbbbbb cccccccccc dddddddd\ne", 2, 25, 3) ==
        "  aaaaaaaaaa bbbbbbbbb\n     cccccccccc dddddddd\n     e\n");
}

TEST_CASE("text: wrapping counts characters and leaves long words whole") {
  std::string ten;
  for (int i = 0; i < 10; ++i) ten += "\xc3\xa4";
  CHECK(wrapped(ten + " " + ten, 0, 21) == ten + " " + ten + "\n");
  const std::string path(70, 'p');
  CHECK(wrapped("see " + path + " there", 0, 40) == "see\n" + path + "\nthere\n");
}

TEST_CASE("text: a narrow width still leaves room to read") {
  CHECK(wrapped("one two three four five", 10, 5) == "          one two three four\n          five\n");
}

TEST_CASE("text: numbers are filled up to a width, and longer ones are whole") {
  std::string out;
  add_number(out, 7, 5);
  out += '|';
  add_number(out, 7, 3, '0');
  out += '|';
  add_number(out, 0);
  out += '|';
  add_number(out, ~std::uint64_t{0}, 3);
  CHECK(out == "    7|007|0|18446744073709551615");
}
