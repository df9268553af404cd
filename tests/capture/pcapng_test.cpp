#include <espdump/capture.hpp>

#include <limits>

#include "capture/pcapng.hpp"
#include "support/capture_bytes.hpp"
#include "support/catch.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

std::vector<KeptFrame> frames_of(const ByteVector& bytes) {
  auto reader = CaptureReader::over(bytes, "test");
  REQUIRE(reader);
  auto frames = read_all(*reader);
  CHECK_FALSE(reader->damage());
  return frames;
}

// What the reader says of a file whose first frame is good and what follows is not.
std::string damage_of(const Pcapng& file) {
  auto reader = CaptureReader::over(file.bytes, "test");
  REQUIRE(reader);
  CHECK(read_all(*reader).size() == 1);
  REQUIRE(reader->damage());
  CHECK(reader->damage()->file == "test");
  return reader->damage()->text;
}

const ByteVector three{1, 2, 3};
constexpr std::uint64_t ticks = 1700000000123456;

}  // namespace

TEST_CASE("pcapng: both byte orders give the same frames") {
  const bool big = GENERATE(false, true);
  const auto frames = frames_of(Pcapng(big).interface(113, 100).enhanced(0, ticks, three, 60).bytes);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].frame.number == 1);
  CHECK(frames[0].frame.time.nanoseconds == 1700000000123456000);
  CHECK(frames[0].frame.link_type == 113);
  CHECK(frames[0].frame.wire_length == 60);
  CHECK(frames[0].bytes == three);
}

TEST_CASE("pcapng: interfaces have their own link types, and count on over sections of other byte orders") {
  Pcapng file;
  file.interface(1).interface(101).enhanced(1, ticks, three).enhanced(0, ticks, {7});
  file.section(true).interface(276).enhanced(0, ticks, three);
  const auto frames = frames_of(file.bytes);
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].frame.link_type == 101);
  CHECK(frames[0].frame.interface == 1);
  CHECK(frames[1].frame.link_type == 1);
  CHECK(frames[1].frame.interface == 0);
  CHECK(frames[2].frame.link_type == 276);
  CHECK(frames[2].frame.interface == 2);
  CHECK(frames[2].frame.number == 3);
  CHECK(frames[2].frame.time.nanoseconds == 1700000000123456000);
}

TEST_CASE("pcapng: simple and obsolete packet blocks count as frames, unknown blocks do not") {
  Pcapng file;
  file.interface(1, 2).interface(101).block(4, ByteVector(8)).block(0x80000bad, {1, 2, 3, 4});
  file.simple({1, 2, 3, 4}, 1500).simple({5}, 1).obsolete(1, ticks, three);
  const auto frames = frames_of(file.bytes);
  REQUIRE(frames.size() == 3);
  CHECK(frames[0].bytes == ByteVector{1, 2});  // the snap length tells padding from data
  CHECK(frames[0].frame.wire_length == 1500);
  CHECK(frames[0].frame.time.nanoseconds == 0);
  CHECK(frames[1].bytes == ByteVector{5});
  CHECK(frames[2].bytes == three);
  CHECK(frames[2].frame.interface == 1);
  CHECK(frames[2].frame.number == 3);
  CHECK(frames[2].frame.time.nanoseconds == 1700000000123456000);
}

TEST_CASE("pcapng: options of packets and interfaces are stepped over") {
  Pcapng file;
  auto options = file.option(2, byte_vector("eth0"));
  for (const auto& more : {file.option(9, {9}), file.option(0, {}), file.option(9, {3})})
    options.insert(options.end(), more.begin(), more.end());
  file.interface(1, 0, options).enhanced(0, 1700000000123456789, three, 0, file.option(1, byte_vector("a comment")));
  const auto frames = frames_of(file.bytes);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].frame.time.nanoseconds == 1700000000123456789);
}

TEST_CASE("pcapng: an interface may shift its clock by seconds") {
  Pcapng file(true);
  auto options = file.option(14, file.body().u64(1700000000).bytes);
  file.interface(1, 0, options).enhanced(0, 5, three);
  CHECK(frames_of(file.bytes)[0].frame.time.nanoseconds == 1700000000000005000);
}

TEST_CASE("pcapng: times of any resolution become nanoseconds without overflow") {
  using capture::Clock;
  constexpr auto last = std::numeric_limits<std::int64_t>::max();
  CHECK(Clock{0, 0}.time(1700000000).nanoseconds == 1700000000000000000);
  CHECK(Clock{6, 0}.time(1).nanoseconds == 1000);
  CHECK(Clock{9, 0}.time(1).nanoseconds == 1);
  CHECK(Clock{12, 0}.time(1999).nanoseconds == 1);
  CHECK(Clock{28, 0}.time(~0ULL).nanoseconds == 1);
  CHECK(Clock{29, 0}.time(~0ULL).nanoseconds == 0);
  CHECK(Clock{127, 0}.time(~0ULL).nanoseconds == 0);
  CHECK(Clock{0x80 | 10, 0}.time(1536).nanoseconds == 1500000000);
  CHECK(Clock{0x80 | 32, 0}.time(0x180000000).nanoseconds == 1500000000);
  CHECK(Clock{0x80 | 64, 0}.time(~0ULL).nanoseconds == 999999999);
  CHECK(Clock{0xff, 0}.time(~0ULL).nanoseconds == 0);
  CHECK(Clock{0, 0}.time(~0ULL).nanoseconds == Timestamp::furthest);
  CHECK(Clock{6, last}.time(~0ULL).nanoseconds == Timestamp::furthest);
  CHECK(Clock{6, std::numeric_limits<std::int64_t>::min()}.time(0).nanoseconds == -Timestamp::furthest);
  CHECK(Clock{6, -1}.time(500000).nanoseconds == -500000000);
}

TEST_CASE("pcapng: a block length without the padding is understood") {
  Pcapng file;
  file.interface(1).u32(6).u32(35).u32(0).u32(0).u32(1).u32(3).u32(3).raw(three).raw({0}).u32(35);
  file.enhanced(0, 2, {9});
  const auto frames = frames_of(file.bytes);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].bytes == three);
  CHECK(frames[1].bytes == ByteVector{9});
}

TEST_CASE("pcapng: more captured than the snap length is kept, less on the wire than captured is raised") {
  const auto frames = frames_of(Pcapng().interface(1, 2).enhanced(0, 1, three, 1).bytes);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].bytes == three);
  CHECK(frames[0].frame.wire_length == 3);
}

TEST_CASE("pcapng: damage is named with its place, and the frames before it stay") {
  Pcapng file;
  file.interface(1).enhanced(0, 1, three);
  const auto at = std::to_string(file.bytes.size());
  const auto says = [&](const std::string& text) { return Catch::Contains("record at byte " + at + ' ' + text); };
  SECTION("an interface nobody described") {
    CHECK_THAT(damage_of(file.enhanced(1, 1, three)), says("names interface 1, but 1 are described before it"));
  }
  SECTION("an interface of an earlier section") {
    const auto later = std::to_string(file.bytes.size() + 28);
    CHECK_THAT(damage_of(file.section(true).enhanced(0, 1, three)), Catch::Contains("byte " + later + " names interf"));
  }
  SECTION("more captured than the block holds") {
    file.block(6, file.body().u32(0).u32(0).u32(1).u32(9).u32(9).raw(ByteVector(8)).bytes);
    CHECK_THAT(damage_of(file), says("claims 9 captured bytes, but its block has room for 8"));
  }
  SECTION("a block smaller than a block can be") {
    CHECK_THAT(damage_of(Pcapng(file).block(5, {}).section(false, 2)), Catch::Contains("has pcapng version 2.0"));
    file.u32(5).u32(11).u32(11);
    CHECK_THAT(damage_of(file), says("claims 11 bytes: the file is damaged from here on"));
  }
  SECTION("an absurd length") {
    file.u32(5).u32(0xfffffffc).u32(0);
    CHECK_THAT(damage_of(file), says("claims 4294967292 bytes"));
  }
  SECTION("two lengths that differ") {
    file.u32(5).u32(16).u32(0).u32(12);
    CHECK_THAT(damage_of(file), says("claims 16 bytes at its beginning and 12 at its end"));
  }
  SECTION("a section without byte order mark") {
    file.u32(0x0a0d0d0a).u32(28).raw(ByteVector(20));
    CHECK_THAT(damage_of(file), says("is a section header without byte order mark"));
  }
  SECTION("headers too short for their kind") {
    CHECK_THAT(damage_of(Pcapng(file).block(6, ByteVector(16))), says("is a packet block cut short"));
    CHECK_THAT(damage_of(Pcapng(file).block(3, {})), says("is a packet block cut short"));
    CHECK_THAT(damage_of(Pcapng(file).block(1, ByteVector(4))), says("is an interface description cut short"));
  }
  SECTION("an option that runs over its block") {
    CHECK_THAT(damage_of(file.interface(1, 0, file.body().u16(2).u16(9).u32(0).bytes)), says("describes an interface"));
  }
}
