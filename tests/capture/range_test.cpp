// Captures read in parts: every frame is in one of them, wherever they are cut.
#include <espdump/capture.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "support/capture_bytes.hpp"
#include "support/catch.hpp"
#include "support/random.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

// Random cuts, some of them at borders of records, a few with nothing in between.
std::vector<std::uint64_t> random_cuts(Random& random, std::uint64_t size) {
  std::vector<std::uint64_t> out{0};
  for (std::size_t count = 1 + random.below(6); count > 0; --count) out.push_back(random.below(size));
  if (random.chance(2)) out.push_back(out.back() + 1);
  std::sort(out.begin(), out.end());
  out.push_back(UINT64_MAX);
  return out;
}

// The frames of all parts; nothing where these do not meet.
std::optional<std::vector<KeptFrame>> read_in_parts(const ByteVector& bytes, const std::vector<std::uint64_t>& cuts) {
  std::vector<KeptFrame> out;
  CapturePlace end;
  for (std::size_t part = 0; part + 1 < cuts.size(); ++part) {
    auto reader = CaptureReader::over(bytes, "test", {cuts[part], cuts[part + 1]});
    REQUIRE(reader);
    if (part != 0 && reader->place() != end) return std::nullopt;
    const auto frames = read_all(*reader);
    CHECK_FALSE(reader->damage());
    out.insert(out.end(), frames.begin(), frames.end());
    end = reader->place();
  }
  CHECK(end.offset == bytes.size());
  return out;
}

void check_equal(const std::vector<KeptFrame>& found, const std::vector<KeptFrame>& wanted) {
  REQUIRE(found.size() == wanted.size());
  std::size_t different = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Frame &one = found[i].frame, &other = wanted[i].frame;
    different += found[i].bytes != wanted[i].bytes || one.time != other.time || one.interface != other.interface ||
                 one.link_type != other.link_type || one.wire_length != other.wire_length;
  }
  CHECK(different == 0);
}

// How often the parts of random cuts met, and had the frames of the whole.
int check_in_parts(const ByteVector& bytes, Random& random, int times) {
  auto whole = CaptureReader::over(bytes, "test");
  REQUIRE(whole);
  const auto wanted = read_all(*whole);
  int out = 0;
  for (; times > 0; --times) {
    const auto found = read_in_parts(bytes, random_cuts(random, bytes.size()));
    if (!found) continue;
    check_equal(*found, wanted);
    ++out;
  }
  return out;
}

// Contents that a search may take for records.
ByteVector misleading(Random& random, bool big) {
  const std::size_t size = random.chance(50) ? 200'000 : 1 + random.below(3000);
  switch (random.below(5)) {
    case 0: return ByteVector(size, 0);
    case 1: return ByteVector(size, static_cast<std::uint8_t>(random.below(256)));
    case 2: {  // a capture in a packet, down to its end
      Pcap inside(big);
      while (inside.bytes.size() < size) inside.record(1'700'000'000, 5, ByteVector(random.below(900), 7));
      return inside.bytes;
    }
    case 3: {  // a record in a packet that leads to the record behind the next one's header
      Spelling inside(big);
      inside.raw(ByteVector(size, 1)).u32(1'700'000'000).u32(1).u32(40 + random.below(4000)).u32(5000);
      return inside.bytes;
    }
    default: {
      ByteVector out(size);
      for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random.below(256));
      return out;
    }
  }
}

// The records of a pcap again and again, until it is as long as a search needs it.
ByteVector prolonged(const ByteVector& capture, std::size_t size) {
  ByteVector out = capture;
  out.reserve(size + capture.size());
  while (out.size() < size) out.insert(out.end(), capture.begin() + 24, capture.end());
  return out;
}

constexpr std::size_t long_enough = 1'500'000;

}  // namespace

TEST_CASE("range: a pcap in parts has the frames of the whole") {
  const bool big = GENERATE(false, true);
  const std::uint32_t magic = GENERATE(micro_magic, nano_magic, modified_magic);
  Random random;
  INFO("seed " << random.seed());
  Pcap file(big, magic, 101);
  for (std::uint32_t i = 0; file.bytes.size() < long_enough; ++i)
    file.record(1'700'000'000 + i, static_cast<std::uint32_t>(random.below(1'000'000)), misleading(random, big),
                random.chance(3) ? 300'000 : 0);
  // Contents can be such that the search takes the wrong chain; then the parts do not meet.
  CHECK(check_in_parts(file.bytes, random, 12) != 0);
}

TEST_CASE("range: a pcapng in parts has the frames of the whole") {
  const bool big = GENERATE(false, true);
  Random random;
  INFO("seed " << random.seed());
  Pcapng file(big);
  file.interface(1, 0, file.option(9, {9})).interface(101);
  while (file.bytes.size() < long_enough) {
    if (random.chance(10)) file.block(5, ByteVector(4 * random.below(20)));
    file.enhanced(static_cast<std::uint32_t>(random.below(2)), 1'700'000'000'000'000, misleading(random, big));
  }
  CHECK(check_in_parts(file.bytes, random, 6) == 6);
}

TEST_CASE("range: captures of every link type in testdata, prolonged") {
  Random random;
  INFO("seed " << random.seed());
  std::vector<std::uint32_t> link_types;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(testdata("captures"))) {
    if (entry.path().extension() != ".pcap" || entry.file_size() < 2'000) continue;
    INFO(entry.path().string());
    const ByteVector bytes = read_file(entry.path().string());
    auto reader = CaptureReader::over(bytes, "test");
    REQUIRE(reader);
    const auto first = reader->next();
    if (!first) continue;
    const auto have = std::count(link_types.begin(), link_types.end(), first->link_type);
    if (have >= 3) continue;
    link_types.push_back(first->link_type);
    CHECK(check_in_parts(prolonged(bytes, long_enough), random, 3) == 3);
  }
  std::sort(link_types.begin(), link_types.end());
  CHECK(std::unique(link_types.begin(), link_types.end()) - link_types.begin() >= 4);
}

TEST_CASE("range: a capture that is cut short is so in its last part only") {
  Random random;
  INFO("seed " << random.seed());
  Pcap file(false, micro_magic, 1);
  while (file.bytes.size() < long_enough) file.record(1'700'000'000, 1, ByteVector(1 + random.below(1500), 3));
  file.record(1'700'000'000, 1, ByteVector(1000, 3));
  const std::uint64_t last = file.bytes.size() - 1016;
  file.bytes.resize(file.bytes.size() - 10);
  auto before = CaptureReader::over(file.bytes, "test", {700'000, last});
  REQUIRE(before);
  CHECK_FALSE(read_all(*before).empty());
  CHECK_FALSE(before->damage());
  auto behind = CaptureReader::over(file.bytes, "test", {last - 5000});
  REQUIRE(behind);
  CHECK_FALSE(read_all(*behind).empty());
  REQUIRE(behind->damage());
  CHECK(behind->damage()->text.find("at byte " + std::to_string(last)) != std::string::npos);
}

TEST_CASE("range: an interface that is described in between shows in the places") {
  Pcapng file;
  file.interface(1);
  while (file.bytes.size() < 2 * long_enough) {
    if (file.bytes.size() > long_enough && file.bytes.size() < long_enough + 100) file.interface(101);
    file.enhanced(0, 1, {1, 2, 3});
  }
  auto before = CaptureReader::over(file.bytes, "test", {0, 2'000'000});
  auto behind = CaptureReader::over(file.bytes, "test", {2'000'000});
  REQUIRE(before);
  REQUIRE(behind);
  read_all(*before);
  CHECK(before->place().offset == behind->place().offset);
  CHECK(before->place() != behind->place());
}

TEST_CASE("range: behind damage there is nothing, or what does not go on where reading ended") {
  Pcap file;
  while (file.bytes.size() < long_enough) file.record(1, 1, ByteVector(300, 5));
  const std::uint64_t damage = 24 + 316 * std::uint64_t{2000};
  std::fill_n(file.bytes.begin() + static_cast<std::ptrdiff_t>(damage), 16, std::uint8_t{0xff});
  for (const std::uint64_t begin : {damage - 1, damage, damage + 1, damage + 200'000, damage + 300'000}) {
    INFO("from " << begin);
    auto reader = CaptureReader::over(file.bytes, "test", {begin});
    REQUIRE(reader);
    const bool far_behind = begin > damage + 1;
    CHECK((reader->place().offset == damage) != far_behind);
    CHECK(read_all(*reader).empty() != far_behind);
  }
}

TEST_CASE("range: records larger than any search expects are found by reading all") {
  Pcap file;
  while (file.bytes.size() < 4 * long_enough) file.record(1, 1, ByteVector(400'000, 5));
  Random random;
  INFO("seed " << random.seed());
  CHECK(check_in_parts(file.bytes, random, 3) == 3);
}

TEST_CASE("range: where there is none, or no file of records, it says so") {
  Pcap file;
  file.record(1, 1, {1, 2, 3});
  const auto behind = CaptureReader::over(file.bytes, "test", {9'000'000});
  REQUIRE_FALSE(behind);
  CHECK(behind.error().text.find("has 43 bytes only, none from 9000000 on") != std::string::npos);
  const auto packed = CaptureReader::open(testdata("captures/compressed/wire-ng.pcapng.gz"), {1000, 2000});
  REQUIRE_FALSE(packed);
  CHECK(packed.error().text.find("compressed") != std::string::npos);
}

TEST_CASE("range: from a file as from memory") {
  const TemporaryDirectory directory;
  Random random;
  INFO("seed " << random.seed());
  Pcap file;
  while (file.bytes.size() < long_enough) file.record(9, 9, misleading(random, false));
  const std::string path = directory.file("x.pcap", file.bytes);
  const ByteRange range{random.below(long_enough), random.below(long_enough)};
  auto one = CaptureReader::open(path, range);
  auto other = CaptureReader::over(file.bytes, path, range);
  REQUIRE(one);
  REQUIRE(other);
  CHECK(one->place() == other->place());
  check_equal(read_all(*one), read_all(*other));
  CHECK(one->place() == other->place());
}
