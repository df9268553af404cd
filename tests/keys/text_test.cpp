#include "keys/text.hpp"

#include "support/catch.hpp"

using namespace espdump::keys;

TEST_CASE("key text: words come one after the other, with an empty one at the end") {
  Words words{"  aead\trfc4106(gcm(aes))  0x00 128\r"};
  CHECK(words.next() == "aead");
  CHECK(words.next() == "rfc4106(gcm(aes))");
  CHECK(words.rest() == "  0x00 128\r");
  CHECK(words.next() == "0x00");
  CHECK(words.next() == "128");
  CHECK(words.next().empty());
  CHECK(words.next().empty());
  CHECK(Words{""}.next().empty());
}

TEST_CASE("key text: blanks go from both ends") {
  CHECK(trim_left(" \t\v x ") == "x ");
  CHECK(trim_right(" x \r\f") == " x");
  CHECK(trim_left("   ").empty());
  CHECK(trim_right("").empty());
}

TEST_CASE("key text: numbers are read in all the forms that dumps have") {
  CHECK(number("12") == 12U);
  CHECK(number("0xc") == 12U);
  CHECK(number("0xC0FFEE01") == 0xc0ffee01U);
  CHECK(number("12,") == 12U);
  CHECK(number("0xc(12)") == 12U);
  CHECK(number("0xc/0xff") == 12U);
  CHECK(number("4294967295") == 4294967295U);
  for (const char* text : {"", "0x", "x12", "12x", "-1", "+1", "4294967296", "0x100000000", "0xg", ",12"}) {
    INFO(text);
    CHECK_FALSE(number(text));
  }
}

TEST_CASE("key text: words in messages are short, printable, and never part of a key") {
  CHECK(in_quotes("hmac(sha1)") == "\"hmac(sha1)\"");
  CHECK(in_quotes("") == "\"\"");
  CHECK(in_quotes("a\nb\x7f\xff") == "\"a?b??\"");
  CHECK(in_quotes("x y") == "\"x?y\"");
  CHECK(in_quotes(std::string(40, 'z')) == "\"" + std::string(32, 'z') + "…\"");
  CHECK(in_quotes("1234567") == "\"1234567\"");
  CHECK(in_quotes("12345678") == "(not shown)");
  CHECK(in_quotes("xx-deadbeef-xx") == "(not shown)");
  CHECK(in_quotes("0x12") == "(not shown)");
  CHECK(in_quotes(std::string(60, 'z') + "00112233") == "(not shown)");
}
