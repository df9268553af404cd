#include "decode/stream.hpp"

#include <map>

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/random.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

Octets run(std::size_t size, std::uint8_t first = 0) {
  Octets out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

// Feeds segments a millisecond apart; keeps what came out, a lost byte as -1.
struct Feeder {
  StreamBuffer buffer;
  std::uint32_t start;
  std::int64_t time = 0;
  std::vector<int> out{};
  StreamBuffer::Outcome outcome{};
  Octets bytes{};

  explicit Feeder(std::uint32_t first, const StreamBuffer::Limits& limits = {}) : buffer(limits), start(first) {}
  void add(const StreamSegment& segment, std::int64_t gap = 1'000'000) {
    std::vector<StreamRun> runs;
    time += gap;
    outcome = buffer.add(segment, Timestamp{time}, runs);
    for (const StreamRun& piece : runs) {
      out.insert(out.end(), piece.lost, -1);
      out.insert(out.end(), piece.bytes.begin(), piece.bytes.end());
      CHECK((piece.bytes.empty() || piece.lost == 0));
      if (piece.captured && !piece.bytes.empty()) CHECK(piece.bytes.data() >= bytes.data());
    }
  }
  void syn() { add({start - 1, {}, 0, true, false}); }
  void data(std::size_t offset, const Octets& payload, std::size_t cut = 0) {
    bytes = payload;
    add({start + static_cast<std::uint32_t>(offset), bytes, bytes.size() + cut, false, false});
  }
};

std::vector<int> ints(const Octets& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

TEST_CASE("stream: bytes in order are handed on where they lie") {
  Feeder feeder{1000};
  feeder.syn();
  feeder.data(0, run(10));
  feeder.data(10, run(5, 10));
  CHECK(feeder.out == ints(run(15)));
  CHECK(feeder.buffer.from_its_start());
  CHECK(feeder.buffer.bytes() == 0);
}

TEST_CASE("stream: numbers wrap") {
  Feeder feeder{0xfffffff8};
  feeder.syn();
  feeder.data(16, run(8, 16));
  feeder.data(8, run(8, 8));
  feeder.data(0, run(8));
  feeder.data(24, run(8, 24));
  CHECK(feeder.out == ints(run(32)));
}

TEST_CASE("stream: what came before is left out, wholly or in part") {
  Feeder feeder{1000};
  feeder.syn();
  feeder.data(0, run(10));
  feeder.data(0, run(10));
  feeder.data(9, run(1, 0xee));  // a keepalive probe, whose byte means nothing
  feeder.data(5, run(10, 5));
  feeder.syn();
  CHECK(feeder.out == ints(run(15)));
  CHECK_FALSE(feeder.outcome.anew);
}

TEST_CASE("stream: waiting bytes that come again otherwise are told, and the first ones kept") {
  Feeder feeder{1000};
  feeder.syn();
  feeder.data(10, run(10, 10));
  feeder.data(8, Octets(6, 0xee));
  CHECK(feeder.outcome.disagrees);
  feeder.data(0, run(8));
  CHECK_FALSE(feeder.outcome.disagrees);
  std::vector<int> expected = ints(run(20));
  expected[8] = expected[9] = 0xee;
  CHECK(feeder.out == expected);
}

TEST_CASE("stream: a capture that begins in the middle begins with its first data") {
  Feeder feeder{1000};
  feeder.data(100, {});
  feeder.data(101, run(5));
  CHECK(feeder.out == ints(run(5)));
  CHECK_FALSE(feeder.buffer.from_its_start());
}

TEST_CASE("stream: bytes that the snap length cut off are lost at once, what follows is not") {
  Feeder feeder{1000};
  feeder.syn();
  feeder.data(0, run(4), 3);
  CHECK(feeder.out.size() == 7);
  feeder.data(14, run(2, 14), 1);
  feeder.data(7, run(7, 7));
  CHECK(feeder.out == std::vector<int>{0, 1, 2, 3, -1, -1, -1, 7, 8, 9, 10, 11, 12, 13, 14, 15, -1});
}

TEST_CASE("stream: a gap is given up when patience, room or parts end") {
  SECTION("after ten seconds") {
    Feeder feeder{1000};
    feeder.syn();
    feeder.data(5, run(5, 5));
    feeder.time += 9'900'000'000;
    feeder.data(20, run(1, 20));
    CHECK(feeder.out.empty());
    feeder.time += 200'000'000;
    feeder.data(21, run(1, 21));
    CHECK(feeder.out == std::vector<int>{-1, -1, -1, -1, -1, 5, 6, 7, 8, 9});
    CHECK(feeder.buffer.gaps() == 1);
  }
  SECTION("soon, where its receiver has acknowledged it") {
    Feeder feeder{1000};
    feeder.syn();
    feeder.data(5, run(5, 5));
    feeder.buffer.acknowledge(1000 + 10);
    feeder.time += 200'000'000;
    feeder.data(10, run(1, 10));
    CHECK(feeder.out == std::vector<int>{-1, -1, -1, -1, -1, 5, 6, 7, 8, 9, 10});
  }
  SECTION("at once, where too much waits") {
    Feeder feeder{1000, {.bytes = 2000, .parts = 4}};
    feeder.syn();
    for (std::size_t i = 1; i <= 5; ++i) feeder.data(i * 10, run(5));
    CHECK(feeder.out.size() == 15);
    feeder.data(100, run(1900));
    CHECK(feeder.out.size() == 2000);
    CHECK(feeder.buffer.bytes() == 0);
  }
}

TEST_CASE("stream: a new connection on the same ports begins anew") {
  Feeder feeder{1000};
  feeder.syn();
  feeder.data(0, run(3));
  feeder.data(10, run(3));
  feeder.start = 2'000'000'000;
  feeder.syn();
  CHECK(feeder.outcome.anew);
  CHECK(feeder.buffer.bytes() == 0);
  feeder.data(0, run(4, 50));
  CHECK(feeder.out == std::vector<int>{0, 1, 2, 50, 51, 52, 53});
}

TEST_CASE("stream: segments far off are another connection's when three go on from each other, or after the end") {
  Feeder feeder{1000};
  feeder.syn();
  feeder.data(0, run(1));
  feeder.data(3'000'000'000, run(5));
  feeder.data(1'000'000'000, run(5));  // forged ones lead nowhere
  feeder.data(2'000'000'000, run(5));
  CHECK(feeder.out.size() == 1);
  feeder.data(2'000'000'005, run(5));
  feeder.data(1, run(1, 1));
  CHECK(feeder.out == std::vector<int>{0, 1});
  feeder.data(2'000'000'000, run(5));
  feeder.data(2'000'000'005, run(5));
  feeder.data(2'000'000'010, run(5, 70));
  CHECK(feeder.outcome.anew);
  CHECK(feeder.out == std::vector<int>{0, 1, 70, 71, 72, 73, 74});
  feeder.add({feeder.start + 2'000'000'015, {}, 0, false, true});
  feeder.data(0, run(2, 9));
  CHECK(feeder.outcome.anew);
}

namespace {

// One map from place to byte, or to -1 where it was cut off; read on while there is a next one.
struct Model {
  std::map<std::size_t, int> bytes{};
  std::size_t next = 0;

  // Whether a byte that waits came with another value.
  bool add(std::size_t offset, const Octets& payload, std::size_t cut) {
    bool differs = false;
    for (std::size_t i = 0; i < payload.size() + cut; ++i) {
      const int value = i < payload.size() ? payload[i] : -1;
      const auto [at, fresh] = bytes.emplace(offset + i, value);
      differs = differs || (!fresh && offset + i >= next && value != -1 && at->second != -1 && at->second != value);
    }
    while (bytes.count(next) != 0) ++next;
    return differs;
  }
};

struct Sent {
  std::size_t offset = 0, size = 0, cut = 0;
};

// A sender's segments of `size` bytes: of any length, some sent twice with another cut, some late.
std::vector<Sent> shuffled_segments(Random& random, std::size_t size) {
  std::vector<Sent> out;
  for (std::size_t at = 0; at < size;) {
    const std::size_t length = std::min<std::size_t>(size - at, 1 + random.below(random.chance(4) ? 200 : 12));
    const std::size_t cut = random.chance(20) ? random.below(length) : 0;
    out.push_back({at, length - cut, cut});
    if (random.chance(5)) {
      const std::size_t back = random.below(std::min<std::size_t>(at, 40) + 1);
      out.push_back({at - back, std::min(size - (at - back), 1 + random.below(60)), 0});
    }
    at += length;
  }
  for (std::size_t i = 0; i + 1 < out.size(); ++i)
    if (random.chance(3)) std::swap(out[i], out[std::min(out.size() - 1, i + 1 + random.below(6))]);
  return out;
}

}  // namespace

TEST_CASE("stream: random segments give what a plain map of bytes gives") {
  Random random;
  CAPTURE(random.seed());
  std::size_t disagreements = 0, lost = 0;
  for (int round = 0; round < 60; ++round) {
    Feeder feeder{static_cast<std::uint32_t>(0U - random.below(3000))};
    Model model;
    feeder.syn();
    Octets content(3000);
    for (std::uint8_t& byte : content) byte = static_cast<std::uint8_t>(random.below(256));
    for (const Sent& sent : shuffled_segments(random, content.size())) {
      const auto from = content.begin() + static_cast<std::ptrdiff_t>(sent.offset);
      Octets payload{from, from + static_cast<std::ptrdiff_t>(sent.size)};
      if (random.chance(15) && !payload.empty()) payload[random.below(payload.size())] ^= 0x55;
      CAPTURE(round, sent.offset, sent.size, sent.cut);
      feeder.data(sent.offset, payload, sent.cut);
      const bool differs = model.add(sent.offset, payload, sent.cut);
      REQUIRE(feeder.outcome.disagrees == differs);
      REQUIRE(feeder.out.size() == model.next);
      disagreements += differs ? 1 : 0;
    }
    for (std::size_t i = 0; i < feeder.out.size(); ++i) {
      CAPTURE(round, i);
      REQUIRE(feeder.out[i] == model.bytes[i]);
      lost += feeder.out[i] == -1 ? 1 : 0;
    }
    REQUIRE(feeder.out.size() == content.size());
    REQUIRE(feeder.buffer.bytes() == 0);
  }
  CHECK(disagreements > 20);
  CHECK(lost > 50);
}

TEST_CASE("stream: where segments never come, each byte still stands in its place and memory stays bounded") {
  Random random;
  CAPTURE(random.seed());
  std::uint64_t gaps = 0;
  for (int round = 0; round < 40; ++round) {
    Feeder feeder{static_cast<std::uint32_t>(random.below(1ULL << 32)), {.bytes = 3000, .parts = 8}};
    feeder.syn();
    Octets content(5000);
    for (std::uint8_t& byte : content) byte = static_cast<std::uint8_t>(random.below(256));
    for (const Sent& sent : shuffled_segments(random, content.size())) {
      if (random.chance(12)) continue;
      const auto from = content.begin() + static_cast<std::ptrdiff_t>(sent.offset);
      feeder.data(sent.offset, {from, from + static_cast<std::ptrdiff_t>(sent.size)}, sent.cut);
      REQUIRE(feeder.buffer.bytes() <= 3000);
    }
    REQUIRE(feeder.out.size() <= content.size());
    for (std::size_t i = 0; i < feeder.out.size(); ++i) {
      CAPTURE(round, i);
      REQUIRE((feeder.out[i] == -1 || feeder.out[i] == content[i]));
    }
    gaps += feeder.buffer.gaps();
  }
  CHECK(gaps > 100);
}
