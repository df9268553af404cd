#include "support/catch.hpp"
#include "support/layers.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {
std::string only_value(const FieldSink& sink) { return sink.fields().at(0).value; }
}  // namespace

TEST_CASE("fields: numbers and hexadecimals may have a meaning") {
  FieldSink sink;
  sink.number("a", {1, 2}, 18446744073709551615U);
  sink.number("b", {}, 6, "TCP");
  sink.hex("c", {}, 0x2a, 4);
  sink.hex("d", {}, 0x12345, 4, "long");
  CHECK(sink.fields()[0].value == "18446744073709551615");
  CHECK(sink.fields()[0].name == "a");
  CHECK(sink.fields()[0].where.offset == 1);
  CHECK(sink.fields()[0].where.size == 2);
  CHECK(sink.fields()[1].value == "6 (TCP)");
  CHECK(sink.fields()[2].value == "0x002a");
  CHECK(sink.fields()[3].value == "0x12345 (long)");
}

TEST_CASE("fields: flags and addresses read as people say them") {
  FieldSink sink;
  sink.flag("a", {}, true);
  sink.flag("b", {}, false);
  sink.address("c", {}, *IpAddress::parse("2001:db8::1"));
  CHECK(sink.fields()[0].value == "set");
  CHECK(sink.fields()[1].value == "not set");
  CHECK(sink.fields()[2].value == "2001:db8::1");
}

TEST_CASE("fields: hostile text is escaped") {
  FieldSink sink;
  sink.text("a", {}, "ok\x1b[31m\\ \x7f\xc3\xa4");
  CHECK(only_value(sink) == "ok\\x1b[31m\\x5c \\x7f\\xc3\\xa4");
}

TEST_CASE("fields: long bytes are cut after 32, with their length behind") {
  const std::vector<std::uint8_t> bytes(33, 0xab);
  FieldSink exact, cut;
  exact.bytes("a", {}, Bytes{bytes}.first(32));
  cut.bytes("a", {}, bytes);
  std::string hex;
  for (int i = 0; i < 32; ++i) hex += "ab";
  CHECK(only_value(exact) == hex);
  CHECK(only_value(cut) == hex + "... (33 bytes)");
}

TEST_CASE("fields: begin and end nest") {
  FieldSink sink;
  sink.begin("outer", {0, 4}, "first");
  sink.number("inner", {}, 1);
  sink.end();
  sink.number("after", {}, 2);
  CHECK(sink.fields()[0].value == "first");
  CHECK(sink.fields()[0].depth == 0);
  CHECK(sink.fields()[1].depth == 1);
  CHECK(sink.fields()[2].depth == 0);
}
