#include "run/frame_list.hpp"

#include "support/catch.hpp"

using namespace espdump;
using run::FrameList;

namespace {

bool has(std::string_view list, std::uint64_t frame, std::size_t file = 0) {
  const auto parsed = FrameList::parse(list);
  REQUIRE(parsed);
  return parsed->has(file, frame);
}

}  // namespace

TEST_CASE("frames: numbers and ranges, as findings name them") {
  const std::string_view list = "42-44, 60,  170-";
  for (const std::uint64_t in : {42U, 43U, 44U, 60U, 170U, 4'000'000'000U}) CHECK(has(list, in));
  for (const std::uint64_t out : {1U, 41U, 45U, 59U, 61U, 169U}) CHECK_FALSE(has(list, out));
  CHECK(has("18446744073709551615", 18446744073709551615U));
}

TEST_CASE("frames: of one capture, or of any") {
  CHECK(has("2:7", 7, 1));
  CHECK_FALSE(has("2:7", 7, 0));
  CHECK_FALSE(has("2:7", 7, 2));
  CHECK(has("7", 7, 2));
  CHECK(has("3:7-9, 1:1", 1, 0));
  CHECK(has("3:7-9, 1:1", 9, 2));
}

TEST_CASE("frames: what is no list is refused, with the part that is wrong") {
  for (const char* text : {"",
                           " ",
                           ",",
                           "1,",
                           ",1",
                           "0",
                           "-",
                           "-5",
                           "4-2",
                           "1-2-3",
                           "a",
                           "1:",
                           ":1",
                           "1:2:3",
                           "0:1",
                           "1 2",
                           "+1",
                           "0x10",
                           "18446744073709551616",
                           "1;2"}) {
    const auto parsed = FrameList::parse(text);
    CHECK_FALSE(parsed);
  }
  CHECK(FrameList::parse("1, 4-2, 9").error().text.find("'4-2' is no frame") == 0);
}
