#include "partial/archive.hpp"

#include <algorithm>
#include <array>

#include "partial/section.hpp"
#include "support/catch.hpp"
#include "support/random.hpp"

using namespace espdump;
using namespace espdump::partial;
using test::Random;

namespace {

// A frame as the archive sees it: some numbers of each kind, a text, and rows of bytes like those before.
struct Sample {
  std::uint64_t seldom = 0, number = 0, digest = 0;
  std::int64_t near = 0;
  std::string text;
  std::vector<std::uint8_t> bytes;
  std::vector<std::vector<std::uint8_t>> rows;
  bool operator==(const Sample&) const = default;
};

template <typename A>
void describe(A& a, Sample& it) {
  a.begin_frame();
  a.shape(it.seldom);
  a.number(Column::other, it.number);
  a.near(Column::time, it.near, 1'000'000);
  a.digest(it.digest);
  a.text(it.text);
  a.bytes(it.bytes);
  a.size(it.rows, 100);
  for (auto& row : it.rows) a.row(row);
  a.end_frame();
}

std::vector<std::uint8_t> random_bytes(Random& random, std::size_t size) {
  std::vector<std::uint8_t> out(size);
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(random.below(256));
  return out;
}

std::vector<Sample> samples(Random& random, std::size_t count) {
  std::vector<std::vector<std::uint8_t>> flows;
  for (int i = 0; i < 5; ++i) flows.push_back(random_bytes(random, random.below(60)));
  std::vector<Sample> out(count);
  for (Sample& it : out) {
    it.seldom = random.below(3);
    it.number = random.below(64) == 0 ? ~random.below(9) : random.below(1000);
    it.near = static_cast<std::int64_t>(random.below(1U << 20)) - (1 << 19);
    it.digest = random.below(~std::uint64_t{0});
    if (random.chance(9)) it.text = std::string(random.below(300), 'x');
    if (random.chance(9)) it.bytes = random_bytes(random, random.below(300));
    for (std::uint64_t i = random.below(4); i != 0; --i) {
      auto& flow = flows[random.below(flows.size())];
      if (!flow.empty()) flow[random.below(flow.size())] = static_cast<std::uint8_t>(random.below(256));
      it.rows.push_back(flow);
    }
  }
  return out;
}

std::array<Stream, columns> packed(std::vector<Sample> list) {
  Packer packer;
  for (Sample& it : list) describe(packer, it);
  return packer.streams();
}

}  // namespace

TEST_CASE("archive: numbers of all sizes come back") {
  Stream stream;
  std::vector<std::uint64_t> numbers{0, 1, 127, 128, 16'383, 16'384, ~std::uint64_t{0}};
  for (unsigned shift = 0; shift < 64; ++shift) numbers.push_back(std::uint64_t{1} << shift);
  for (const std::uint64_t number : numbers) put_number(stream, number);
  bool failed = false;
  Cursor cursor{stream, failed};
  for (const std::uint64_t number : numbers) CHECK(cursor.number() == number);
  CHECK_FALSE(failed);
  CHECK(cursor.number() == 0);
  CHECK(failed);
}

TEST_CASE("archive: differences of any sign come back") {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, INT64_MIN, INT64_MAX})
    CHECK(unzigzag(zigzag(value)) == value);
}

TEST_CASE("archive: what was packed is unpacked again") {
  Random random;
  CAPTURE(random.seed());
  const std::vector<Sample> before = samples(random, 2000);
  auto streams = decompress(compress(packed(before)));
  REQUIRE(streams);
  Unpacker unpacker{std::move(*streams)};
  for (const Sample& it : before) {
    Sample now;
    describe(unpacker, now);
    REQUIRE(now == it);
  }
  CHECK(unpacker.ended());
  CHECK_FALSE(unpacker.failed());
}

TEST_CASE("archive: headers like those before take few bytes") {
  std::vector<Sample> list(1000);
  for (std::size_t i = 0; i < list.size(); ++i) {
    std::vector<std::uint8_t> header(94, 7);
    header[40] = static_cast<std::uint8_t>(i);
    list[i].rows.push_back(header);
  }
  const auto streams = packed(list);
  const auto size = [&](Column column) { return streams[static_cast<std::size_t>(column)].size(); };
  CHECK(size(Column::start) == 94);
  CHECK(size(Column::position) + size(Column::value) <= 3 * list.size());
}

TEST_CASE("archive: whatever the streams are, reading them ends and says so") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 300; ++round) {
    auto streams = packed(samples(random, 40));
    for (std::uint64_t i = 1 + random.below(4); i != 0; --i) {
      Stream& stream = streams[random.below(columns)];
      if (stream.empty()) continue;
      if (random.chance(2))
        stream.resize(random.below(stream.size()));
      else
        stream[random.below(stream.size())] = static_cast<std::uint8_t>(random.below(256));
    }
    Unpacker unpacker{std::move(streams)};
    for (int frames = 0; frames < 40 && !unpacker.failed(); ++frames) {
      Sample now;
      describe(unpacker, now);
      for (const auto& row : now.rows) CHECK(row.size() <= 1U << 18U);
    }
  }
}

TEST_CASE("archive: no control character comes out of a text") {
  Packer packer;
  std::string text = "a\x1b[31mb\x7f\x01\n", read;
  packer.begin_frame();
  packer.text(text);
  packer.end_frame();
  Unpacker unpacker{packer.streams()};
  unpacker.begin_frame();
  unpacker.text(read);
  CHECK_FALSE(unpacker.failed());
  CHECK(read == "a?[31mb??\n");
}

TEST_CASE("archive: few bytes that ask for much memory get none of it") {
  constexpr std::size_t rows = 100, size = 5000;
  std::vector<Sample> list(2);
  for (Sample& it : list) it.rows.assign(rows, std::vector<std::uint8_t>(size, 7));
  const std::array<Stream, columns> streams = packed(list);
  const std::size_t needed = rows * (size + sizeof(std::vector<std::uint8_t>));
  for (const std::size_t most : {needed, needed - 1}) {
    Unpacker unpacker{streams, most};
    Sample now;
    for (int frames = 0; frames < 2; ++frames) describe(unpacker, now);  // a frame's is that of no other
    CHECK(unpacker.failed() == (most < needed));
    if (most == needed) CHECK(unpacker.memory() == needed);
    std::size_t taken = 0;
    for (const auto& row : now.rows) taken += row.size();
    CHECK(taken <= most);
  }
}
