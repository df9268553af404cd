#include <espdump/bytes.hpp>

#include "support/catch.hpp"

using namespace espdump;

TEST_CASE("byte reader: numbers are big-endian and move the cursor") {
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  ByteReader in{Bytes{bytes}};
  CHECK(in.u8() == 1);
  CHECK(in.u16() == 0x0203);
  CHECK(in.u32() == 0x04050607);
  CHECK(in.u64() == 0x08090a0b0c0d0e0f);
  CHECK(in.ok());
  CHECK(in.remaining() == 0);
}

TEST_CASE("byte reader: the first read that does not fit is remembered, later ones give zeros") {
  const std::vector<std::uint8_t> bytes{1, 2, 3};
  ByteReader in{Bytes{bytes}};
  CHECK(in.u16() == 0x0102);
  CHECK(in.u32() == 0);
  CHECK(in.u8() == 0);
  REQUIRE(in.shortfall());
  CHECK(in.shortfall()->offset == 2);
  CHECK(in.shortfall()->need == 4);
  CHECK(in.shortfall()->have == 1);
  CHECK(in.shortfall()->cause == Shortfall::Cause::packet);
}

TEST_CASE("byte reader: what the snap length cut is told apart from what was never there") {
  const std::vector<std::uint8_t> bytes{1, 2, 3};
  ByteReader cut{Bytes{bytes}, 10};
  cut.u32();
  CHECK(cut.shortfall()->cause == Shortfall::Cause::capture);
  ByteReader lying{Bytes{bytes}, 10};
  lying.take(11);
  CHECK(lying.shortfall()->cause == Shortfall::Cause::packet);
}

TEST_CASE("byte reader: a limit ends the bytes, and may not exceed them") {
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5, 6};
  ByteReader in{Bytes{bytes}};
  in.skip(1);
  in.limit(3);
  CHECK(in.rest().size() == 3);
  in.take(4);
  CHECK(in.shortfall()->cause == Shortfall::Cause::packet);
  ByteReader other{Bytes{bytes}};
  other.limit(7);
  REQUIRE_FALSE(other.ok());
  CHECK(other.shortfall()->limit);
  CHECK_FALSE(in.shortfall()->limit);
}

TEST_CASE("byte reader: the end is read backwards, unless it was cut off") {
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4};
  ByteReader in{Bytes{bytes}};
  CHECK(in.last_u8() == 4);
  const Bytes two = in.take_last(2);
  CHECK((two.size() == 2 && two[0] == 2));
  CHECK(in.remaining() == 1);
  ByteReader cut{Bytes{bytes}, 5};
  CHECK(cut.last_u8() == 0);
  CHECK(cut.shortfall()->cause == Shortfall::Cause::capture);
}

TEST_CASE("byte reader: a sub-reader is bounded and skipped by its parent") {
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4};
  ByteReader in{Bytes{bytes}, 6};
  ByteReader child = in.sub(3);
  CHECK(child.u16() == 0x0102);
  child.u16();
  CHECK(child.shortfall()->cause == Shortfall::Cause::packet);
  CHECK(in.u8() == 4);
  CHECK(in.ok());
}
