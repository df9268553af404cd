#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "decode/session.hpp"

#include "decode/sighting_log.hpp"
#include "support/catch.hpp"
#include "support/random.hpp"

using namespace espdump;
using espdump::test::Random;

namespace {

constexpr std::uint64_t cycle = std::uint64_t{1} << 32;

// A Linux receiver as net/xfrm/xfrm_input.c orders its work: check, ICV, trailer, advance. The window is a flag per
// place; a place is reached from that of the newest number, which the kernel takes modulo 2^32 and then modulo W.
class Receiver {
 public:
  Receiver(bool esn, std::uint32_t window)
      : window_(esn || window > 32 ? window : std::min(window, 32U)),
        esn_(esn),
        shifts_(!esn && window <= 32),
        flags_(window_) {}

  void start_at(std::uint64_t number) {
    newest_ = number;
    if (window_ != 0) flags_[place(0)] = true;
  }
  void input(std::uint64_t number, bool authentic, bool trailer_good) {
    const auto low = static_cast<std::uint32_t>(number);
    if (window_ == 0) {
      if (!authentic || !trailer_good) ++(authentic ? counters.errors : counters.failed);
      return;
    }
    const std::uint64_t taken_for = widened(low);
    if (refused(low, taken_for)) return;
    if (!authentic || taken_for != number)
      ++counters.failed;
    else if (trailer_good)
      advance(number);
    else
      ++counters.errors;
  }
  KernelCounters counters;

 private:
  // The one number from the bottom of the window on, less than 2^32 above it, that ends in these 32 bits.
  [[nodiscard]] std::uint64_t widened(std::uint32_t low) const {
    if (!esn_) return low;
    const std::uint64_t bottom = newest_ - window_ + 1;
    std::uint64_t number = (bottom & ~(cycle - 1)) | low;
    if (static_cast<std::uint32_t>(bottom) > low) number += cycle;
    return number;
  }
  bool refused(std::uint32_t low, std::uint64_t number) {
    if (low == 0 && (!esn_ || newest_ < window_ - std::uint64_t{1})) return true;
    const auto behind = static_cast<std::int64_t>(newest_ - number);
    if (behind < 0) return false;
    if (behind >= window_) return ++counters.replay_window, true;
    if (flags_[place(static_cast<std::uint64_t>(behind))]) return ++counters.replay, true;
    return false;
  }
  [[nodiscard]] std::size_t place(std::uint64_t behind) const {
    if (shifts_) return behind;
    const std::uint64_t newest = static_cast<std::uint32_t>(newest_ - 1) % window_;
    return (newest + window_ - behind) % window_;
  }
  void advance(std::uint64_t number) {
    const auto ahead = static_cast<std::int64_t>(number - newest_);
    if (ahead <= 0) {
      flags_[place(static_cast<std::uint64_t>(-ahead))] = true;
      return;
    }
    const std::size_t old_place = place(0);
    for (std::int64_t step = 0; step < std::min<std::int64_t>(ahead, window_); ++step) {
      if (shifts_) {
        flags_.pop_back();
        flags_.push_front(false);
      } else {
        flags_[(old_place + static_cast<std::size_t>(step) + 1) % window_] = false;
      }
    }
    flags_[shifts_ ? 0 : (old_place + static_cast<std::uint64_t>(ahead)) % window_] = true;
    newest_ = number;
  }

  std::uint32_t window_;
  bool esn_, shifts_;
  std::deque<bool> flags_;
  std::uint64_t newest_ = 0;
};

SecurityAssociation sa_with(bool esn, std::uint32_t window) {
  SecurityAssociation sa;
  sa.esn = esn;
  sa.replay_window = window;
  return sa;
}

struct Both {
  Both(bool esn, std::uint32_t window)
      : association(sa_with(esn, window)), session(1, &association), receiver(esn, window) {}

  void authentic(std::uint64_t number, bool dummy) {
    const bool first = !session.started();
    log += std::to_string(number) + (dummy ? "d " : " ");
    const auto low = static_cast<std::uint32_t>(number);
    Authentic packet;
    packet.sequence = number;
    packet.receiver_fails = dummy;
    packet.other_cycle = association.esn && !first && session.high_half(low) != number >> 32;
    Sighting sighting;
    sighting.frame = ++frame;
    packet.sighting = &sighting;
    OpenRecord record;
    session.accept(packet, sightings, record);
    sightings.add(sighting);
    if (first && number != 1)
      receiver.start_at(number);
    else
      receiver.input(number, true, !dummy);
  }
  void forged(std::uint64_t number) {
    log += std::to_string(number) + "f ";
    session.refuse(static_cast<std::uint32_t>(number), Session::Reached::icv);
    receiver.input(number, false, false);
  }
  void compare() const {
    INFO(log);
    REQUIRE(session.counts.kernel.replay_window == receiver.counters.replay_window);
    REQUIRE(session.counts.kernel.replay == receiver.counters.replay);
    REQUIRE(session.counts.kernel.failed == receiver.counters.failed);
    REQUIRE(session.counts.kernel.errors == receiver.counters.errors);
  }

  SecurityAssociation association;
  Session session;
  SightingLog sightings;
  Receiver receiver;
  FrameNumber frame = 0;
  std::string log;
};

// Traffic with losses, reordering, duplicates, late packets, dummies and forgeries.
void compare_on_random_traffic(Random& random, bool esn, std::uint32_t window, std::uint64_t start) {
  Both both{esn, window};
  CAPTURE(esn, window, start);
  if (random.chance(2)) both.forged(random.below(cycle));
  both.authentic(start, false);
  both.compare();
  std::uint64_t newest = start;
  for (int i = 0; i < 400; ++i) {
    const std::uint64_t span = random.chance(8) ? 5'000 : 2 + std::uint64_t{window} * 3 / 2;
    const std::uint64_t back = random.below(span);
    const std::uint64_t late = back < newest ? newest - back : 1;
    const std::uint64_t next = newest + 1 + (random.chance(4) ? random.below(span) : 0);
    const bool fits = esn || next < cycle;
    switch (random.below(8)) {
      case 0:
      case 1: both.authentic(late, false); break;
      case 2: both.forged(random.chance(2) ? late : random.below(cycle)); break;
      case 3:
        if (fits) both.authentic(next, true), newest = next;
        break;
      default:
        if (fits) both.authentic(next, false), newest = next;
        break;
    }
    both.compare();
  }
}

}  // namespace

TEST_CASE("session: random traffic is counted as a Linux receiver counts it") {
  Random random;
  CAPTURE(random.seed());
  for (int round = 0; round < 20; ++round)
    for (const std::uint32_t window : {0U, 1U, 7U, 32U, 33U, 64U, 128U})
      for (const bool esn : {false, true}) {
        if (esn && window == 0) continue;  // no Linux has it on an inbound SA
        compare_on_random_traffic(random, esn, window, 1);
        compare_on_random_traffic(random, esn, window, 2 + random.below(100'000));
        compare_on_random_traffic(random, esn, window, cycle - 1 - random.below(300));
        if (esn) compare_on_random_traffic(random, esn, window, 3 * cycle + random.below(300));
      }
}
