#include <espdump/wire/options.hpp>

#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
using wire::Options;

std::string walk(const std::string& hex, Options::Style style) {
  const auto bytes = unhex(hex);
  Options options{bytes, style};
  std::string out;
  while (const auto option = options.next())
    out += fmt::format("{}@{}+{}/{} ", option->kind, option->offset, option->size, option->data.size());
  return out + (options.malformed() ? fmt::format("bad@{}", options.offset()) : "ok");
}
}  // namespace

TEST_CASE("options: IPv4 and TCP lists end at kind 0, kind 1 stands alone") {
  CHECK(walk("", Options::Style::ipv4) == "ok");
  CHECK(walk("01 020405b4 00 ff", Options::Style::ipv4) == "1@0+1/0 2@1+4/2 0@5+1/0 ok");
}

TEST_CASE("options: in IPv6 kind 0 is one byte of padding and lengths leave the head out") {
  CHECK(walk("00 0100 0502beef", Options::Style::ipv6) == "0@0+1/0 1@1+2/0 5@3+4/2 ok");
}

TEST_CASE("options: lengths that cannot be are found where they stand") {
  CHECK(walk("01 02", Options::Style::ipv4) == "1@0+1/0 bad@1");
  CHECK(walk("0201", Options::Style::ipv4) == "bad@0");
  CHECK(walk("0200", Options::Style::ipv4) == "bad@0");
  CHECK(walk("020505b4", Options::Style::ipv4) == "bad@0");
  CHECK(walk("05", Options::Style::ipv6) == "bad@0");
  CHECK(walk("0503beef", Options::Style::ipv6) == "bad@0");
}
