#include "decode/replay_window.hpp"

#include <deque>
#include <set>

#include "support/catch.hpp"
#include "support/random.hpp"

using namespace espdump;
using espdump::test::Random;
using Kind = KernelReplay::Kind;
using Check = KernelReplay::Check;

namespace {

constexpr std::int64_t epoch = std::int64_t{1} << 32;

// The rules of RFC 4303 section 3.4.3 and appendix A over a list of all numbers ever accepted. Where the bitmap of the
// kernel forgets or confuses a number, this does not.
struct Model {
  Kind kind;
  std::int64_t window;
  std::int64_t newest = 0;
  std::deque<std::int64_t> seen{};

  // The one number not left of the window, and less than 2^32 from its edge, that ends in these 32 bits.
  [[nodiscard]] std::int64_t number(std::uint32_t seq) const {
    if (kind != Kind::esn) return seq;
    const std::int64_t bottom = newest - window + 1;
    std::int64_t number = seq - 4 * epoch;
    while (number < bottom) number += epoch;
    return number;
  }
  [[nodiscard]] Check check(std::uint32_t seq) const {
    const std::int64_t n = number(seq);
    if (kind != Kind::esn && seq == 0) return Check::zero;
    if (kind == Kind::esn && seq == 0 && newest < window - 1) return Check::zero;
    if (n > newest) return Check::accept;
    if (n <= newest - window) return Check::too_old;
    return std::find(seen.begin(), seen.end(), n) != seen.end() ? Check::duplicate : Check::accept;
  }
  void advance(std::uint32_t seq) {
    const std::int64_t n = number(seq);
    if (n > newest) newest = n;
    seen.push_back(n);
    if (std::ssize(seen) > 3 * window) seen.pop_front();  // those in the window are among the last 2 * window
  }
};

// The bitmap of the kernel as its rule is told: a flag per place, a place for the newest, and distances from it.
struct BitmapModel {
  Model numbers;
  std::vector<bool> flags{};

  explicit BitmapModel(Kind kind, std::int64_t window) : numbers{kind, window} {
    flags.resize(static_cast<std::size_t>(window));
  }
  [[nodiscard]] std::int64_t place_of_newest() const {
    return ((numbers.newest % epoch + epoch - 1) % epoch) % numbers.window;
  }
  [[nodiscard]] std::size_t place(std::int64_t n) const {
    const std::int64_t away = place_of_newest() - (numbers.newest - n);
    return static_cast<std::size_t>(((away % numbers.window) + numbers.window) % numbers.window);
  }
  [[nodiscard]] Check check(std::uint32_t seq) const {
    const Check naive = numbers.check(seq);
    if (naive == Check::zero || naive == Check::too_old || numbers.number(seq) > numbers.newest) return naive;
    return flags[place(numbers.number(seq))] ? Check::duplicate : Check::accept;
  }
  void advance(std::uint32_t seq) {
    const std::int64_t n = numbers.number(seq);
    if (n <= numbers.newest) {
      flags[place(n)] = true;
      return;
    }
    const std::int64_t distance = n - numbers.newest;
    for (std::int64_t i = 1; i < distance && i <= numbers.window; ++i)
      flags[static_cast<std::size_t>((place_of_newest() + i) % numbers.window)] = false;
    if (distance >= numbers.window) flags.assign(flags.size(), false);
    flags[static_cast<std::size_t>((place_of_newest() + distance) % epoch % numbers.window)] = true;
    numbers.newest = n;
  }
};

// A number near the newest: mostly the next, sometimes ahead, late, again, or anywhere.
std::uint32_t next_number(Random& random, std::uint64_t newest, std::uint32_t window) {
  const auto near = [&](std::uint64_t span) { return static_cast<std::uint32_t>(random.below(span)); };
  const auto top = static_cast<std::uint32_t>(newest);
  switch (random.below(16)) {
    case 0: return top + near(window + 2);
    case 1: return top + near(2 * std::uint64_t{window} + 10);
    case 2: return top - near(2 * std::uint64_t{window} + 10);
    case 3:
    case 4:
    case 5:
    case 6: return top - near(window);
    case 7: return random.chance(8) ? near(std::uint64_t{1} << 32) : top;
    case 8: return random.chance(8) ? 0 : top - near(3);
    default: return top + 1;
  }
}

template <typename Slow>
void compare(Random& random, KernelReplay fast, Slow slow, std::uint64_t start) {
  CAPTURE(static_cast<int>(fast.kind()), fast.window(), start);
  if (start != 0) {  // brought there by accepting it, as a kernel comes there
    fast.advance(static_cast<std::uint32_t>(start));
    slow.advance(static_cast<std::uint32_t>(start));
  }
  for (int i = 0; i < 1500; ++i) {
    const std::uint32_t seq = next_number(random, fast.newest(), fast.window());
    CAPTURE(i, fast.newest(), seq);
    const Check verdict = fast.check(seq);
    REQUIRE(verdict == slow.check(seq));
    if (verdict != Check::accept || random.chance(10)) continue;  // refused, or a forged one
    fast.advance(seq);
    slow.advance(seq);
  }
}

}  // namespace

TEST_CASE("kernel replay: verdicts equal those of a list of all numbers where the window divides 2^32") {
  Random random;
  CAPTURE(random.seed());
  for (const std::uint32_t window : {1U, 2U, 8U, 32U, 64U, 128U, 4096U})
    for (const std::uint64_t start : {0ULL, 0xffff'fff0ULL, 0xffff'0000ULL}) {
      if (window <= 32) compare(random, {Kind::legacy, window}, Model{Kind::legacy, window}, start);
      compare(random, {Kind::bmp, window}, Model{Kind::bmp, window}, start);
      compare(random, {Kind::esn, window}, Model{Kind::esn, window}, start);
    }
  for (const std::uint32_t window : {7U, 24U, 31U})  // the legacy window has no circle
    compare(random, {Kind::legacy, window}, Model{Kind::legacy, window}, 0);
}

TEST_CASE("kernel replay: verdicts equal those of the bitmap's rule for any window") {
  Random random;
  CAPTURE(random.seed());
  for (const std::uint32_t window :
       {1U, 7U, 24U, 31U, 32U, 33U, 40U, 64U, 96U, 100U, 127U, 128U, 200U, 320U, 1000U, 4096U})
    for (const std::uint64_t start : {0ULL, 0xffff'fff0ULL, 0xffff'0000ULL}) {
      compare(random, {Kind::bmp, window}, BitmapModel{Kind::bmp, window}, start);
      compare(random, {Kind::esn, window}, BitmapModel{Kind::esn, window}, start);
    }
}

TEST_CASE("kernel replay: an ESN number gets the high half of RFC 4303 appendix A2") {
  Random random;
  CAPTURE(random.seed());
  for (int i = 0; i < 20'000; ++i) {
    const auto window = static_cast<std::uint32_t>(1 + random.below(4096));
    const std::uint64_t newest =
        (random.below(4) << 32) + (random.chance(2) ? random.below(5000) : epoch - 1 - random.below(5000));
    const std::uint32_t seq = next_number(random, newest, window);
    CAPTURE(window, newest, seq);
    KernelReplay replay{Kind::esn, window};
    replay.start_at(newest);
    const std::int64_t number = Model{Kind::esn, window, static_cast<std::int64_t>(newest)}.number(seq);
    REQUIRE(replay.seq_high(seq) == static_cast<std::uint32_t>(number >> 32));
    REQUIRE(widen(newest, window, seq) == (number < 0 ? seq : static_cast<std::uint64_t>(number)));
  }
  CHECK(widen(1000, 0, 1000 - 63) == 1000 - 63);
  CHECK(widen(1000, 0, 1000 - 64) == (1ULL << 32) + 1000 - 64);
}

namespace {
struct Row {
  std::uint32_t seq;
  Check verdict;
};
// An accepted number is also advanced to.
void walk(KernelReplay replay, const std::vector<Row>& rows) {
  int number = 0;
  for (const Row& row : rows) {
    CAPTURE(++number, row.seq, replay.newest());
    CHECK(replay.check(row.seq) == row.verdict);
    if (replay.check(row.seq) == Check::accept) replay.advance(row.seq);
  }
}
}  // namespace

TEST_CASE("kernel replay: numbered walk through each kind of window") {
  constexpr auto good = Check::accept, again = Check::duplicate, old = Check::too_old, zero = Check::zero;
  const std::vector<Row> common{
      /*  1 */ {0, zero},     /*  2 */ {1, good},   /*  3 */ {1, again},  /*  4 */ {9, good},
      /*  5 */ {8, good},     /*  6 */ {7, good},   /*  7 */ {7, again},  /*  8 */ {8, again},
      /*  9 */ {9, again},    /* 10 */ {32, good},  /* 11 */ {1, again},  /* 12 */ {2, good},
      /* 13 */ {33, good},    /* 14 */ {2, again},  /* 15 */ {3, good},   /* 16 */ {64, good},
      /* 17 */ {33, again},   /* 18 */ {34, good},  /* 19 */ {63, good},  /* 20 */ {1000, good},
      /* 21 */ {1000, again}, /* 22 */ {969, good}, /* 23 */ {969, again}};
  std::vector<Row> plain = common;
  plain.insert(plain.end(), {{968, old}, {0, zero}, {0xffff'ffff, good}, {0, zero}, {1, old}, {0xffff'ffff, again}});
  walk({Kind::legacy, 32}, plain);
  walk({Kind::bmp, 32}, plain);
  std::vector<Row> esn = common;  // left of the window means the next 2^32
  esn.insert(esn.end(), {{0xffff'fff0, good},
                         {0xffff'fff0, again},
                         {0xffff'ffff, good},
                         {0, good},
                         {0, again},
                         {0xffff'ffff, again},
                         {0xffff'fffe, good},
                         {5, good},
                         {5, again},
                         {0xffff'fffe, again}});
  walk({Kind::esn, 32}, esn);
}

TEST_CASE("kernel replay: the window is that of the kernel's choice") {
  CHECK(KernelReplay::for_sa(false, 32).kind() == Kind::legacy);
  CHECK(KernelReplay::for_sa(false, 33).kind() == Kind::bmp);
  CHECK(KernelReplay::for_sa(true, 8).kind() == Kind::esn);
  CHECK(KernelReplay(Kind::legacy, 4000).window() == 32);
}

TEST_CASE("kernel replay: window 0 accepts all and keeps nothing") {
  for (const Kind kind : {Kind::legacy, Kind::bmp, Kind::esn}) {
    KernelReplay replay{kind, 0};
    for (const std::uint32_t seq : {0U, 7U, 7U, 0xffff'ffffU, 0U}) {
      CHECK(replay.check(seq) == Check::accept);
      replay.advance(seq);
      CHECK(replay.newest() == 0);
      CHECK(replay.seq_high(seq) == 0);
    }
  }
}

TEST_CASE("kernel replay: one replay of the very first packet passes unless the window divides 2^32") {
  for (const Kind kind : {Kind::bmp, Kind::esn})
    for (const std::uint32_t window :
         {7U, 24U, 31U, 32U, 33U, 40U, 64U, 96U, 100U, 127U, 128U, 200U, 320U, 1000U, 4096U}) {
      CAPTURE(static_cast<int>(kind), window);
      KernelReplay replay{kind, window};
      replay.advance(1);
      const bool slips = (window & (window - 1)) != 0;
      CHECK(replay.check(1) == (slips ? Check::accept : Check::duplicate));
      replay.advance(1);
      CHECK(replay.check(1) == Check::duplicate);
    }
}

TEST_CASE("kernel replay: past 2^32 a window of 96 lets what it had seen pass once more") {
  const std::uint64_t high = 1ULL << 32;
  KernelReplay replay{Kind::esn, 96};
  replay.start_at(high - 3);
  for (const std::uint32_t seq : {0xffff'fffeU, 0xffff'ffffU, 0U, 1U}) replay.advance(seq);
  CHECK(replay.newest() == high + 1);
  for (const std::uint32_t seq : {0xffff'fffeU, 0xffff'ffffU, 0U, 1U}) {
    CAPTURE(seq);
    CHECK(replay.check(seq) == Check::accept);
    replay.advance(seq);
    CHECK(replay.check(seq) == Check::duplicate);
  }
  KernelReplay even{Kind::esn, 128};
  even.start_at(high - 3);
  for (const std::uint32_t seq : {0xffff'fffeU, 0xffff'ffffU, 0U, 1U}) even.advance(seq);
  for (const std::uint32_t seq : {0xffff'fffeU, 0xffff'ffffU, 0U, 1U}) CHECK(even.check(seq) == Check::duplicate);
}

TEST_CASE("kernel replay: past 2^32 a full window of 96 refuses a good late packet") {
  KernelReplay replay{Kind::esn, 96};
  const std::uint64_t high = 1ULL << 32;
  replay.start_at(high - 200);
  const std::uint32_t late = 0xffff'fff0;
  for (std::uint64_t n = high - 199; n <= high + 1; ++n)
    if (static_cast<std::uint32_t>(n) != late) replay.advance(static_cast<std::uint32_t>(n));
  CHECK(replay.newest() == high + 1);
  CHECK(replay.check(late) == Check::duplicate);
}

TEST_CASE("kernel replay: under ESN a too old number is tried with the next high half") {
  KernelReplay replay{Kind::esn, 32};
  replay.start_at((2ULL << 32) + 1000);
  CHECK(replay.check(968) == Check::accept);
  CHECK(replay.seq_high(968) == 3);
  CHECK(replay.seq_high(969) == 2);
  KernelReplay low{Kind::esn, 32};  // the window spans two
  low.start_at((2ULL << 32) + 5);
  CHECK(low.check(0xffff'ffff) == Check::accept);
  CHECK(low.seq_high(0xffff'ffff) == 1);
  CHECK(low.seq_high(0xffff'ff00) == 2);
}

TEST_CASE("kernel replay: without ESN nothing is newer than the last number of 32 bits") {
  for (const Kind kind : {Kind::legacy, Kind::bmp}) {
    KernelReplay replay{kind, 32};
    replay.start_at(0xffff'ffff);
    CHECK(replay.check(0) == Check::zero);
    CHECK(replay.check(1) == Check::too_old);
    CHECK(replay.check(0xffff'ffff) == Check::duplicate);
    CHECK(replay.check(0xffff'fffe) == Check::accept);
  }
}
