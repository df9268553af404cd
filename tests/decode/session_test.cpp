#include "decode/session.hpp"

#include "decode/sighting_log.hpp"

#include "support/catch.hpp"

using namespace espdump;

namespace {

constexpr std::uint64_t cycle = std::uint64_t{1} << 32;

SecurityAssociation sa_with(std::uint32_t window, bool esn = false) {
  SecurityAssociation sa;
  sa.replay_window = window;
  sa.esn = esn;
  return sa;
}

// A session fed with authentic packets, a millisecond and a frame apart.
struct Fed {
  explicit Fed(std::uint32_t window, bool esn = false) : association(sa_with(window, esn)), session(1, &association) {}

  OpenRecord accept(std::uint64_t sequence, std::uint64_t digest = 0, bool receiver_fails = false) {
    Authentic packet;
    packet.sequence = sequence;
    packet.receiver_fails = receiver_fails;
    packet.other_cycle = association.esn && session.started() &&
                         session.high_half(static_cast<std::uint32_t>(sequence)) != sequence >> 32;
    Sighting sighting;
    sighting.frame = ++frame;
    sighting.time = static_cast<std::int64_t>(frame) * 1'000'000;
    sighting.digest = digest;
    sighting.file = 3;
    packet.sighting = &sighting;
    OpenRecord record;
    session.accept(packet, sightings, record);
    sightings.add(sighting);
    return record;
  }
  [[nodiscard]] KernelCounters kernel() const { return session.counts.kernel; }

  SecurityAssociation association;
  Session session;
  SightingLog sightings;
  FrameNumber frame = 0;
};

}  // namespace

TEST_CASE("session: the first packet and each newer one is fresh") {
  Fed fed{32};
  CHECK_FALSE(fed.session.started());
  for (const std::uint64_t n : {100, 101, 500}) {
    const OpenRecord record = fed.accept(n);
    CHECK(record.replay == ReplayVerdict::fresh);
    CHECK(record.sequence == n);
    CHECK_FALSE(record.left_of_window);
  }
  CHECK(fed.session.started());
  CHECK(fed.session.counts.reordered == 0);
}

TEST_CASE("session: inside the window a late packet is reordered, left of it stale") {
  Fed fed{32};
  fed.accept(100);
  CHECK(fed.accept(69).replay == ReplayVerdict::reordered);
  CHECK(fed.accept(98).replay == ReplayVerdict::reordered);
  const OpenRecord stale = fed.accept(68);
  CHECK(stale.replay == ReplayVerdict::stale);
  CHECK(stale.left_of_window);
  CHECK_FALSE(stale.old_cycle);
  CHECK(fed.session.counts.reordered == 2);
  CHECK(fed.session.counts.stale == 1);
  CHECK(fed.session.counts.largest_reorder == 31);
  CHECK(fed.kernel().replay_window == 1);
  CHECK(fed.kernel().replay == 0);
}

TEST_CASE("session: a duplicate names the frame that had its number first, the time since, and whether bytes differ") {
  Fed fed{32};
  fed.accept(1, 41);
  fed.accept(2, 42);
  fed.accept(3, 43);
  const OpenRecord same = fed.accept(2, 42);
  CHECK(same.replay == ReplayVerdict::duplicate);
  CHECK(same.first_frame == 2);
  CHECK(same.first_file == 3);
  CHECK(same.since_first == 2'000'000);
  CHECK(same.same_bytes);
  CHECK_FALSE(same.left_of_window);
  CHECK_FALSE(same.restarted);
  CHECK_FALSE(fed.accept(3, 99).same_bytes);
  CHECK(fed.session.counts.replayed == 2);
  CHECK(fed.kernel().replay == 2);
}

TEST_CASE("session: a duplicate left of the window is a duplicate, which the kernel counts as left of it") {
  Fed fed{32};
  fed.accept(1);
  fed.accept(60);
  const OpenRecord record = fed.accept(1);
  CHECK(record.replay == ReplayVerdict::duplicate);
  CHECK(record.left_of_window);
  CHECK(fed.kernel().replay_window == 1);
  CHECK(fed.kernel().replay == 0);
}

TEST_CASE("session: a number beyond the 8192 last ones is still known, only its frame is not") {
  Fed fed{0};
  for (std::uint64_t n = 1; n <= 8192 + 7; ++n) fed.accept(n, n);
  const OpenRecord forgotten = fed.accept(7, 7);
  CHECK(forgotten.replay == ReplayVerdict::duplicate);
  CHECK(forgotten.first_frame == 0);
  CHECK_FALSE(forgotten.same_bytes);
  const OpenRecord kept = fed.accept(8, 8);
  CHECK(kept.first_frame == 8);
  CHECK(kept.same_bytes);
}

TEST_CASE("session: without a window nothing is stale and the kernel counts nothing") {
  Fed fed{0};
  fed.accept(1'000'000);
  CHECK(fed.accept(5).replay == ReplayVerdict::reordered);
  const OpenRecord again = fed.accept(5);
  CHECK(again.replay == ReplayVerdict::duplicate);
  CHECK_FALSE(again.left_of_window);
  CHECK(fed.session.counts.largest_reorder == 999'995);
  CHECK(fed.kernel().replay + fed.kernel().replay_window + fed.kernel().failed == 0);
}

TEST_CASE("session: a sender that begins again with other bytes restarts, a replay of its first packets does not") {
  Fed fed{32};
  for (std::uint64_t n = 1; n <= 100; ++n) fed.accept(n, n);
  CHECK_FALSE(fed.accept(1, 1).restarted);
  const OpenRecord restarted = fed.accept(1, 1001);
  CHECK(restarted.replay == ReplayVerdict::duplicate);
  CHECK(restarted.restarted);
  CHECK(fed.accept(64, 1064).restarted);
  CHECK_FALSE(fed.accept(65, 1065).restarted);
  CHECK(fed.session.counts.restarts == 2);
}

TEST_CASE("session: a packet of an ESN cycle that the window has left is what a kernel counts as failed") {
  Fed fed{32, true};
  fed.accept(cycle - 10);
  fed.accept(cycle + 1'000);
  const OpenRecord old = fed.accept(cycle - 9);
  CHECK(old.replay == ReplayVerdict::stale);
  CHECK(old.old_cycle);
  CHECK(old.sequence == cycle - 9);
  CHECK(fed.kernel().failed == 1);
}

TEST_CASE("session: a late packet of the same ESN cycle is tried with the next one and fails") {
  Fed fed{32, true};
  fed.accept(cycle + 5'000);
  const OpenRecord old = fed.accept(cycle + 100);
  CHECK(old.replay == ReplayVerdict::stale);
  CHECK(old.old_cycle);
  CHECK(old.left_of_window);
  CHECK(fed.kernel().failed == 1);
  CHECK(fed.kernel().replay_window == 0);
}

TEST_CASE("session: a later ESN cycle than the window's means that the capture missed packets") {
  Fed fed{32, true};
  fed.accept(5'000);
  const OpenRecord later = fed.accept(3 * cycle + 6'000);
  CHECK(later.replay == ReplayVerdict::fresh);
  CHECK_FALSE(later.old_cycle);
  CHECK(fed.session.high_half(6'001) == 3);
  CHECK(fed.kernel().failed == 0);
  CHECK(fed.accept(3 * cycle + 6'001).replay == ReplayVerdict::fresh);
  CHECK(fed.accept(3 * cycle + 6'000).replay == ReplayVerdict::duplicate);
  CHECK(fed.kernel().replay == 1);
}

TEST_CASE("session: the window crosses 2^32 under ESN and stops there without") {
  Fed esn{32, true};
  for (std::uint64_t n = cycle - 3; n < cycle + 3; ++n) CHECK(esn.accept(n).replay == ReplayVerdict::fresh);
  CHECK(esn.session.high_half(0xffff'fff0) == 0);
  CHECK(esn.session.high_half(7) == 1);
  CHECK(esn.accept(cycle - 2).replay == ReplayVerdict::duplicate);
  Fed plain{32};
  plain.accept(cycle - 1);
  CHECK(plain.session.high_half(7) == 0);
}

TEST_CASE("session: a dummy packet is counted but moves no kernel window") {
  Fed fed{32};
  fed.accept(1);
  CHECK(fed.accept(50, 0, true).replay == ReplayVerdict::fresh);
  CHECK(fed.accept(50, 0, true).replay == ReplayVerdict::duplicate);
  CHECK(fed.kernel().replay == 0);  // for the kernel the number has not come yet
  fed.accept(2);                    // 48 behind the dummy: left of our window, not of the kernel's
  CHECK(fed.kernel().replay_window == 0);
  CHECK(fed.session.counts.stale == 1);
}

TEST_CASE("session: a refused packet counts as failed only where a receiver would have computed its ICV") {
  Fed fed{32};
  fed.session.refuse(7, Session::Reached::icv);
  CHECK(fed.kernel().failed == 1);
  CHECK_FALSE(fed.session.started());
  fed.accept(100);
  fed.session.refuse(0xffff'0000, Session::Reached::icv);
  CHECK(fed.kernel().failed == 2);
  fed.session.refuse(100, Session::Reached::icv);
  CHECK(fed.kernel().replay == 1);
  fed.session.refuse(3, Session::Reached::icv);
  CHECK(fed.kernel().replay_window == 1);
  fed.session.refuse(0, Session::Reached::icv);
  fed.session.refuse(101, Session::Reached::nothing);
  CHECK(fed.kernel().failed == 2);
  CHECK(fed.session.counts.icv_bad == 6);
  CHECK(fed.accept(101).replay == ReplayVerdict::fresh);  // none of them moved anything
}

TEST_CASE("session: losses and gaps lie between the first and the last number accepted") {
  Fed fed{32};
  for (const std::uint64_t n : {10, 11, 15, 13, 20, 15}) fed.accept(n);
  fed.session.refuse(500, Session::Reached::icv);
  fed.session.note_unverified(600);
  const SaStatistics statistics = fed.session.statistics();
  CHECK(statistics.first_sequence == 10);
  CHECK(statistics.last_sequence == 20);
  CHECK(statistics.lost == 6);
  using Gaps = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
  CHECK(statistics.gaps == Gaps{{12, 12}, {14, 14}, {16, 19}});
}

TEST_CASE("session: a stale packet was lost for the receiver") {
  Fed fed{8};
  fed.accept(1);
  fed.accept(20);
  fed.accept(5);
  CHECK(fed.session.statistics().lost == 18);
}

TEST_CASE("session: at most 64 gaps are listed, all numbers are counted") {
  Fed fed{0};
  for (std::uint64_t n = 0; n < 100; ++n) fed.accept(1 + 2 * n);
  CHECK(fed.session.statistics().gaps.size() == 64);
  CHECK(fed.session.statistics().lost == 99);
}

TEST_CASE("session: where nothing verifies the numbers seen are those of the packets") {
  Session session{4, nullptr};
  CHECK_FALSE(session.statistics().first_sequence);
  for (const std::uint32_t n : {5U, 6U, 9U, 9U}) session.note_unverified(n);
  const SaStatistics statistics = session.statistics();
  CHECK(statistics.number == 4);
  CHECK(statistics.first_sequence == 5);
  CHECK(statistics.last_sequence == 9);
  CHECK(statistics.lost == 2);
}
