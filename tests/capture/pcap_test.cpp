#include <espdump/capture.hpp>

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

const ByteVector three{1, 2, 3};

}  // namespace

TEST_CASE("pcap: both byte orders and both resolutions give the same frames") {
  const bool big = GENERATE(false, true);
  const bool nano = GENERATE(false, true);
  Pcap file(big, nano ? nano_magic : micro_magic, 113);
  file.record(1700000000, nano ? 123456789 : 123456, three, 60).record(1700000001, 0, {9});
  const auto frames = frames_of(file.bytes);
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].frame.number == 1);
  CHECK(frames[0].frame.time.nanoseconds == (nano ? 1700000000123456789 : 1700000000123456000));
  CHECK(frames[0].frame.link_type == 113);
  CHECK(frames[0].frame.wire_length == 60);
  CHECK(frames[0].frame.interface == 0);
  CHECK(frames[0].bytes == three);
  CHECK(frames[1].frame.number == 2);
  CHECK(frames[1].bytes == ByteVector{9});
}

TEST_CASE("pcap: the modified format has longer record headers") {
  const bool big = GENERATE(false, true);
  const auto frames = frames_of(Pcap(big, modified_magic).record(1, 5, three).record(2, 6, three).bytes);
  REQUIRE(frames.size() == 2);
  CHECK(frames[1].bytes == three);
  CHECK(frames[1].frame.time.nanoseconds == 2000006000);
}

TEST_CASE("pcap: versions before 2.4 may have the two lengths exchanged") {
  Spelling record;
  record.u32(1).u32(0).u32(60).u32(3).raw(three);
  Pcap old(false, micro_magic, 1, 2), between(false, micro_magic, 1, 3);
  for (const auto& file : {old.raw(record.bytes).bytes, between.raw(record.bytes).bytes}) {
    const auto frames = frames_of(file);
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].bytes == three);
    CHECK(frames[0].frame.wire_length == 60);
  }
  CHECK(frames_of(Pcap(false, micro_magic, 1, 3).record(1, 0, three, 60).bytes)[0].frame.wire_length == 60);
}

TEST_CASE("pcap: what stands above the link type is no part of it") {
  CHECK(frames_of(Pcap(false, micro_magic, 0x14000001).record(1, 0, three).bytes)[0].frame.link_type == 1);
}

TEST_CASE("pcap: a length on the wire below the captured one is raised to it") {
  CHECK(frames_of(Pcap().record(1, 0, three, 2).bytes)[0].frame.wire_length == 3);
}

TEST_CASE("pcap: seconds are unsigned, and a frame may be empty") {
  const auto frames = frames_of(Pcap().record(0xffffffff, 999999, {}).bytes);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].frame.time.nanoseconds == 4294967295999999000);
  CHECK(frames[0].bytes.empty());
}

TEST_CASE("pcap: a file without records is a good file") { CHECK(frames_of(Pcap().bytes).empty()); }

TEST_CASE("pcap: an absurd length is damage, and the frames before it stay") {
  Pcap file;
  file.record(1, 0, three).u32(2).u32(0).u32(0x7fffffff).u32(60).raw(ByteVector(100));
  auto reader = CaptureReader::over(file.bytes, "big.pcap");
  REQUIRE(reader);
  CHECK(read_all(*reader).size() == 1);
  REQUIRE(reader->damage());
  CHECK(reader->damage()->to_string() ==
        "big.pcap: record at byte 43 claims 2147483647 bytes: the file is damaged from here on; what was read is "
        "reported");
  CHECK_FALSE(reader->next());
}

TEST_CASE("pcap: a file cut in a record says how much of it is there") {
  Pcap file;
  file.record(1, 0, three).record(2, 0, three);
  file.bytes.pop_back();
  auto reader = CaptureReader::over(file.bytes, "cut.pcap");
  REQUIRE(reader);
  CHECK(read_all(*reader).size() == 1);
  REQUIRE(reader->damage());
  CHECK(reader->damage()->to_string() ==
        "cut.pcap: ends in the middle of a record at byte 43: 18 of 19 bytes are there; what was read is reported");
}
