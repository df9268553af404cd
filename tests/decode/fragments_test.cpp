#include "decode/fragments.hpp"

#include <map>
#include <optional>

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/random.hpp"

using namespace espdump;
using namespace espdump::test;
using Kind = FragmentReassembler::Kind;
using Refusal = FragmentReassembler::Refusal;

namespace {

const Octets v4_header = ipv4_packet("192.0.2.1", "192.0.2.2", 50, {}, {.ttl = 61, .id = 7, .df = true, .mf = true});
const Octets v6_header = ipv6_packet("2001:db8::1", "2001:db8::2", 44, {});

FragmentKey key_v4(std::uint32_t id = 7) {
  return {*IpAddress::parse("192.0.2.1"), *IpAddress::parse("192.0.2.2"), id, 50, 0};
}
FragmentKey key_v6(std::uint32_t id = 7) {
  return {*IpAddress::parse("2001:db8::1"), *IpAddress::parse("2001:db8::2"), id, 0, 0};
}

// Feeds pieces with running frame numbers, a millisecond apart.
struct Feeder {
  FragmentReassembler reassembler;
  FragmentKey key = key_v4();
  FrameNumber frame = 0;
  Octets bytes{};

  explicit Feeder(const FragmentKey& of = key_v4(), const FragmentReassembler::Limits& limits = {})
      : reassembler(limits), key(of) {}
  FragmentReassembler::Outcome add(std::size_t offset, bool more, const Octets& payload, bool cut = false) {
    ++frame;
    bytes = payload;
    const Octets& header = key.source.is_v6() ? v6_header : v4_header;
    return reassembler.add(key, {offset, more, header, bytes, 50, cut}, frame,
                           Timestamp{static_cast<std::int64_t>(frame) * 1'000'000});
  }
};

Octets run(std::size_t size, std::uint8_t first = 1) {
  Octets out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}
Octets joined(const FragmentReassembler::Outcome& outcome) {
  return {outcome.packet.begin() + static_cast<std::ptrdiff_t>(outcome.header_size), outcome.packet.end()};
}

}  // namespace

TEST_CASE("fragments: pieces in any order make the whole, with the header put right") {
  std::vector<std::pair<std::size_t, std::size_t>> pieces{{0, 16}, {16, 40}, {40, 48}, {48, 51}};
  const Octets whole = run(51);
  std::sort(pieces.begin(), pieces.end());
  do {
    Feeder feeder;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto [from, to] = pieces[i];
      const auto outcome = feeder.add(
          from, to != 51,
          {whole.begin() + static_cast<std::ptrdiff_t>(from), whole.begin() + static_cast<std::ptrdiff_t>(to)});
      REQUIRE(outcome.kind == (i + 1 == pieces.size() ? Kind::complete : Kind::kept));
      if (outcome.kind != Kind::complete) continue;
      CHECK(Octets(outcome.packet.begin(), outcome.packet.end()) ==
            ipv4_packet("192.0.2.1", "192.0.2.2", 50, whole, {.ttl = 61, .id = 7, .df = true}));
      CHECK(outcome.first_frame == 1);
      CHECK(outcome.pieces == 4);
      CHECK_FALSE(outcome.overlapped);
    }
    CHECK(feeder.reassembler.waiting() == 0);
    CHECK(feeder.reassembler.bytes() == 0);
    CHECK(feeder.reassembler.incomplete().empty());
  } while (std::next_permutation(pieces.begin(), pieces.end()));
}

TEST_CASE("fragments: an IPv6 datagram loses its fragment header and keeps the headers before it") {
  FragmentReassembler reassembler;
  const Octets options{44, 0, 1, 4, 0, 0, 0, 0};  // hop-by-hop, then the fragment header
  Octets header = ipv6_packet("2001:db8::1", "2001:db8::2", 0, options);
  const Octets first = run(24), last = run(5, 25);
  CHECK(reassembler.add(key_v6(), {24, false, header, last, 17, false}, 1, {}).kind == Kind::kept);
  const auto outcome = reassembler.add(key_v6(), {0, true, header, first, 50, false}, 2, {});
  REQUIRE(outcome.kind == Kind::complete);
  CHECK(outcome.next_header == 50);
  Octets expected = options;
  expected[0] = 50;
  const Octets payload = run(29);
  expected.insert(expected.end(), payload.begin(), payload.end());
  CHECK(Octets(outcome.packet.begin(), outcome.packet.end()) == ipv6_packet("2001:db8::1", "2001:db8::2", 0, expected));
}

TEST_CASE("fragments: an atomic fragment passes alone and disturbs nothing") {
  Feeder feeder{key_v6()};
  CHECK(feeder.add(0, true, run(16)).kind == Kind::kept);
  const auto outcome = feeder.add(0, false, run(9));
  REQUIRE(outcome.kind == Kind::complete);
  CHECK(Octets(outcome.packet.begin(), outcome.packet.end()) == ipv6_packet("2001:db8::1", "2001:db8::2", 50, run(9)));
  CHECK(feeder.add(16, false, run(3, 17)).kind == Kind::complete);
}

TEST_CASE("fragments: an exact repetition is a duplicate, also behind the completed datagram") {
  for (const FragmentKey& key : {key_v4(), key_v6()}) {
    Feeder feeder{key};
    CHECK(feeder.add(0, true, run(16)).kind == Kind::kept);
    CHECK(feeder.add(0, true, run(16)).kind == Kind::duplicate);
    CHECK(feeder.add(16, false, run(8, 17)).kind == Kind::complete);
    CHECK(feeder.add(16, false, run(8, 17)).kind == Kind::duplicate);
    CHECK(feeder.reassembler.incomplete().empty());
    CHECK(feeder.add(0, true, run(16)).kind == Kind::complete);  // all of it again: a replay must come through
    CHECK(feeder.add(0, true, run(16, 9)).kind == Kind::kept);   // the same key with other bytes
    CHECK(feeder.reassembler.incomplete().size() == 1);
  }
}

TEST_CASE("fragments: overlaps with other bytes") {
  SECTION("IPv4 keeps the first bytes and says so") {
    Feeder feeder;
    CHECK(feeder.add(8, true, run(16, 9)).kind == Kind::kept);
    const auto overlap = feeder.add(0, true, Octets(16, 0xee));
    CHECK(overlap.kind == Kind::overlap);
    const auto outcome = feeder.add(24, false, run(4, 25));
    REQUIRE(outcome.kind == Kind::complete);
    CHECK(outcome.overlapped);
    Octets expected = run(28);
    std::fill_n(expected.begin(), 8, std::uint8_t{0xee});
    CHECK(joined(outcome) == expected);
    CHECK(feeder.reassembler.counters().overlaps == 1);
  }
  SECTION("IPv6 gives the datagram up, with all that still comes") {
    Feeder feeder{key_v6()};
    CHECK(feeder.add(8, true, run(16, 9)).kind == Kind::kept);
    CHECK(feeder.add(0, true, Octets(16, 0xee)).kind == Kind::overlap);
    CHECK(feeder.add(24, false, run(4, 25)).refusal == Refusal::given_up);
    CHECK(feeder.add(0, true, run(8)).refusal == Refusal::given_up);
    CHECK(feeder.reassembler.bytes() == 0);
    REQUIRE(feeder.reassembler.incomplete().size() == 1);
    CHECK(feeder.reassembler.incomplete()[0].overlapped);
  }
  SECTION("IPv6: the same bytes cut otherwise are an overlap too") {
    Feeder feeder{key_v6()};
    CHECK(feeder.add(0, true, run(16)).kind == Kind::kept);
    CHECK(feeder.add(0, true, run(8)).kind == Kind::overlap);
  }
  SECTION("IPv4: the same bytes cut otherwise do no harm") {
    Feeder feeder;
    CHECK(feeder.add(0, true, run(24)).kind == Kind::kept);
    CHECK(feeder.add(8, true, run(8, 9)).kind == Kind::duplicate);
    CHECK(feeder.add(16, true, run(16, 17)).kind == Kind::kept);
    const auto outcome = feeder.add(24, false, run(8, 25));  // brings the end, and no byte
    REQUIRE(outcome.kind == Kind::complete);
    CHECK(joined(outcome) == run(32));
    CHECK_FALSE(outcome.overlapped);
  }
}

TEST_CASE("fragments: pieces that cannot be are refused and leave nothing behind") {
  Feeder feeder;
  CHECK(feeder.add(8, true, {}).refusal == Refusal::empty);
  CHECK(feeder.add(0, true, run(9)).refusal == Refusal::misaligned);
  CHECK(feeder.add(4, false, run(8)).refusal == Refusal::misaligned);
  CHECK(feeder.add(65528, false, run(8)).refusal == Refusal::too_long);
  CHECK(feeder.add(std::size_t{1} << 40, false, run(8)).refusal == Refusal::too_long);
  CHECK(feeder.reassembler.waiting() == 0);
  CHECK(feeder.add(16, false, run(8)).kind == Kind::kept);
  CHECK(feeder.add(16, false, run(7)).refusal == Refusal::other_end);
  CHECK(feeder.add(24, false, run(7)).refusal == Refusal::other_end);
  CHECK(feeder.add(24, true, run(8)).refusal == Refusal::other_end);
  CHECK(feeder.add(8, true, run(8)).kind == Kind::kept);
  CHECK(feeder.add(0, true, run(8)).kind == Kind::complete);
  CHECK(feeder.add(32, true, run(8)).kind == Kind::kept);
  CHECK(feeder.add(16, false, run(3)).refusal == Refusal::other_end);
  CHECK(feeder.reassembler.counters().refused == 9);
}

TEST_CASE("fragments: what is too long together with its header is refused") {
  Feeder feeder;
  CHECK(feeder.add(0, true, run(65520)).kind == Kind::kept);
  CHECK(feeder.add(65520, false, run(7)).refusal == Refusal::too_long);
  CHECK(feeder.reassembler.waiting() == 0);
  CHECK(feeder.reassembler.bytes() == 0);
}

TEST_CASE("fragments: a piece cut by the snap length spoils its datagram") {
  Feeder feeder;
  CHECK(feeder.add(0, true, run(16)).kind == Kind::kept);
  CHECK(feeder.add(16, true, run(5), true).refusal == Refusal::cut);
  CHECK(feeder.add(24, false, run(8)).refusal == Refusal::cut);
  CHECK(feeder.reassembler.bytes() == 0);
  REQUIRE(feeder.reassembler.incomplete().size() == 1);
  CHECK(feeder.reassembler.incomplete()[0].cut);
  CHECK(feeder.reassembler.incomplete()[0].first_frame == 1);
}

TEST_CASE("fragments: keys keep datagrams apart") {
  FragmentReassembler reassembler;
  const Octets first = run(8), last = run(8, 9);
  std::vector<FragmentKey> keys(6, key_v4());
  keys[1].id = 8;
  keys[2].protocol = 17;
  keys[3].scope = 1;
  keys[4].source = *IpAddress::parse("192.0.2.9");
  keys[5].destination = *IpAddress::parse("192.0.2.9");
  for (const auto& key : keys)
    CHECK(reassembler.add(key, {0, true, v4_header, first, 50, false}, 1, {}).kind == Kind::kept);
  CHECK(reassembler.waiting() == keys.size());
  for (const auto& key : keys)
    CHECK(reassembler.add(key, {8, false, v4_header, last, 50, false}, 2, {}).kind == Kind::complete);
}

TEST_CASE("fragments: the number of datagrams is bounded, the oldest goes first") {
  FragmentReassembler reassembler{{.datagrams = 3}};
  const Octets first = run(8), last = run(8, 9);
  for (std::uint32_t id = 1; id <= 5; ++id)
    CHECK(reassembler.add(key_v4(id), {0, true, v4_header, first, 50, false}, id, {}).kind == Kind::kept);
  CHECK(reassembler.waiting() == 3);
  CHECK(reassembler.counters().evicted_by_count == 2);
  CHECK(reassembler.incomplete().size() == 5);
  CHECK(reassembler.incomplete()[0].first_frame == 1);
  CHECK(reassembler.add(key_v4(3), {8, false, v4_header, last, 50, false}, 6, {}).kind == Kind::complete);
  CHECK(reassembler.add(key_v4(1), {8, false, v4_header, last, 50, false}, 7, {}).kind == Kind::kept);
}

TEST_CASE("fragments: bytes and pieces are bounded") {
  FragmentReassembler reassembler{{.bytes = 5000, .pieces = 4}};
  const Octets piece = run(1000), large = run(8000);
  for (std::uint32_t id = 1; id <= 20; ++id) {
    CHECK(reassembler.add(key_v4(id), {0, true, v4_header, piece, 50, false}, id, {}).kind == Kind::kept);
    CHECK(reassembler.bytes() <= 5000);
  }
  CHECK(reassembler.counters().evicted_by_bytes == 16);
  CHECK(reassembler.add(key_v4(99), {0, true, v4_header, large, 50, false}, 21, {}).refusal == Refusal::too_many);
  CHECK(reassembler.bytes() <= 5000);
  const Octets eight = run(8);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(reassembler.add(key_v4(100), {i * 16, true, v4_header, eight, 50, false}, 22, {}).kind == Kind::kept);
  CHECK(reassembler.add(key_v4(100), {64, true, v4_header, eight, 50, false}, 23, {}).refusal == Refusal::too_many);
}

TEST_CASE("fragments: what is older than the age goes, whatever clocks do") {
  FragmentReassembler reassembler{{.age = 30}};
  const Octets first = run(8), last = run(8, 9);
  const auto add = [&](std::uint32_t id, bool end, std::int64_t time) {
    return reassembler
        .add(key_v4(id), {end ? 8U : 0U, !end, v4_header, end ? last : first, 50, false}, 1, Timestamp{time})
        .kind;
  };
  CHECK(add(1, false, 100) == Kind::kept);
  CHECK(add(2, false, 101) == Kind::kept);
  CHECK(add(1, true, 130) == Kind::complete);
  CHECK(add(2, true, 132) == Kind::kept);  // too late: begins anew
  CHECK(reassembler.counters().evicted_by_age == 1);
  CHECK(add(4, false, 1000) == Kind::kept);
  CHECK(add(4, true, 900) == Kind::complete);
  CHECK(add(3, false, INT64_MIN) == Kind::kept);
  CHECK(add(3, true, INT64_MAX) == Kind::kept);
  CHECK(add(3, false, INT64_MIN) == Kind::complete);
}

namespace {

// One map of bytes per key; every rule read from the text, nothing clever.
struct Model {
  struct Entry {
    std::map<std::size_t, std::uint8_t> bytes{};
    std::vector<std::pair<std::size_t, std::size_t>> cuts{};
    std::optional<std::size_t> end{};
    bool dead = false;
  };
  std::map<std::uint32_t, Entry> entries{};

  std::pair<Kind, Octets> add(std::uint32_t id, bool v6, std::size_t offset, bool more, const Octets& payload) {
    Entry& entry = entries[id];
    const std::size_t end = offset + payload.size();
    if (entry.dead) return {Kind::refused, {}};
    std::size_t known = 0, different = 0;
    for (std::size_t i = offset; i < end; ++i)
      if (const auto at = entry.bytes.find(i); at != entry.bytes.end())
        ++known, different += at->second != payload[i - offset];
    const bool behind_end = entry.end && (end > *entry.end || (!more && end != *entry.end));
    const bool before_others = !more && !entry.bytes.empty() && entry.bytes.rbegin()->first >= end;
    if (payload.empty() || (more && payload.size() % 8 != 0) || end > 65535 || behind_end || before_others) {
      if (entry.bytes.empty()) entries.erase(id);
      return {Kind::refused, {}};
    }
    const bool exact = std::find(entry.cuts.begin(), entry.cuts.end(), std::pair{offset, end}) != entry.cuts.end();
    const bool repeats = known == payload.size() && different == 0 && (!v6 || exact);
    if (v6 && known != 0 && !repeats) {
      entry.dead = true;
      return {Kind::overlap, {}};
    }
    if (!more) entry.end = end;
    for (std::size_t i = offset; i < end; ++i) entry.bytes.emplace(i, payload[i - offset]);
    entry.cuts.emplace_back(offset, end);
    if (entry.end && entry.bytes.size() == *entry.end) {
      Octets whole;
      for (const auto& [at, byte] : entry.bytes) whole.push_back(byte);
      entries.erase(id);
      return {Kind::complete, whole};
    }
    return {repeats ? Kind::duplicate : different != 0 ? Kind::overlap : Kind::kept, {}};
  }
};

}  // namespace

TEST_CASE("fragments: random pieces give what a plain map of bytes gives") {
  Random random;
  CAPTURE(random.seed());
  std::size_t complete = 0, overlaps = 0;
  for (int round = 0; round < 40; ++round) {
    const bool v6 = random.chance(2);
    FragmentReassembler reassembler;
    Model model;
    std::uint8_t generation = 0;  // makes pieces behind a completed datagram differ from its own
    for (int i = 0; i < 500; ++i) {
      const auto id = static_cast<std::uint32_t>(random.below(5));
      const std::size_t offset = 8 * random.below(8);
      const bool more = offset == 0 || !random.chance(4);
      const std::size_t size = random.chance(30) ? random.below(30) : 8 * (1 + random.below(3));
      Octets payload = run(size, static_cast<std::uint8_t>(offset + generation));
      if (random.chance(12) && !payload.empty()) payload[random.below(payload.size())] ^= 1;
      CAPTURE(round, i, v6, id, offset, more, size);
      const Octets& header = v6 ? v6_header : v4_header;
      const auto outcome =
          reassembler.add(v6 ? key_v6(id) : key_v4(id), {offset, more, header, payload, 50, false}, 1, {});
      const auto [kind, whole] = model.add(id, v6, offset, more, payload);
      REQUIRE(outcome.kind == kind);
      if (kind == Kind::overlap) ++overlaps;
      if (kind != Kind::complete) continue;
      REQUIRE(joined(outcome) == whole);
      ++complete;
      ++generation;
    }
    CHECK(reassembler.waiting() == model.entries.size());
  }
  CHECK(complete > 50);
  CHECK(overlaps > 50);
}
