#include <espdump/capture.hpp>

#include <random>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// The complete records before each possible end of a file, by where they end.
void check_prefixes(const ByteVector& file, std::size_t header_size, const std::vector<std::size_t>& record_ends,
                    const std::vector<std::size_t>& block_ends) {
  for (std::size_t size = 0; size <= file.size(); ++size) {
    CAPTURE(size);
    const ByteVector prefix(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    auto reader = CaptureReader::over(prefix, "prefix");
    REQUIRE(reader.has_value() == (size >= header_size));
    if (!reader) {
      CHECK_FALSE(reader.error().text.empty());
      continue;
    }
    const auto complete = std::count_if(record_ends.begin(), record_ends.end(), [&](auto end) { return end <= size; });
    CHECK(read_all(*reader).size() == static_cast<std::size_t>(complete));
    const bool whole = std::find(block_ends.begin(), block_ends.end(), size) != block_ends.end();
    CHECK(reader->damage().has_value() != whole);
  }
}

void read_mutation(ByteVector file, std::mt19937& random) {
  const auto pick = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random); };
  const auto changes = 1 + pick(8);
  for (std::size_t i = 0; i < changes; ++i) file[pick(file.size())] = static_cast<std::uint8_t>(pick(256));
  if (pick(4) == 0) file.resize(pick(file.size()) + 1);
  auto reader = CaptureReader::over(file, "mutation");
  if (!reader) return;
  FrameNumber number = 0;
  while (const auto frame = reader->next()) {
    REQUIRE(frame->number == ++number);
    REQUIRE(frame->wire_length >= frame->bytes.size());
    if (frame->bytes.empty()) continue;
    REQUIRE(frame->bytes.data() >= file.data());
    REQUIRE(frame->bytes.data() + frame->bytes.size() <= file.data() + file.size());
  }
}

ByteVector mixed_pcapng() {
  Pcapng file;
  file.interface(1, 96, file.option(9, {9})).interface(101).enhanced(0, 1, {1, 2, 3}).simple({4, 5}, 60);
  file.block(5, ByteVector(12)).obsolete(1, 3, {6, 7, 8, 9}).section(true).interface(113).enhanced(0, 4, {1}, 99);
  return file.bytes;
}

}  // namespace

TEST_CASE("damage: every prefix of a pcap file gives its complete records or a message") {
  Pcap file;
  std::vector<std::size_t> ends{24};
  for (const auto& frame : {ByteVector{1, 2, 3}, ByteVector{}, ByteVector{4, 5}}) {
    file.record(1, 2, frame);
    ends.push_back(file.bytes.size());
  }
  check_prefixes(file.bytes, 24, {ends.begin() + 1, ends.end()}, ends);
}

TEST_CASE("damage: every prefix of a pcapng file gives its complete packets or a message") {
  const bool big = GENERATE(false, true);
  Pcapng file(big);
  std::vector<std::size_t> packets, blocks{file.bytes.size()};
  const auto mark = [&](bool packet) {
    blocks.push_back(file.bytes.size());
    if (packet) packets.push_back(file.bytes.size());
  };
  file.interface(1), mark(false);
  file.enhanced(0, 1, {1, 2, 3}), mark(true);
  file.simple({1, 2}, 2), mark(true);
  file.block(77, ByteVector(4)), mark(false);
  file.section(!big), mark(false);
  file.interface(1), mark(false);
  file.obsolete(0, 1, {1}), mark(true);
  check_prefixes(file.bytes, 28, packets, blocks);
}

TEST_CASE("damage: random changes never lead out of the file") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto pcap = Pcap(true, nano_magic).record(1, 2, {1, 2, 3}).record(3, 4, {}).record(5, 6, ByteVector(40)).bytes;
  const auto pcapng = mixed_pcapng();
  for (int i = 0; i < 20000; ++i) read_mutation(i % 2 == 0 ? pcap : pcapng, random);
}
