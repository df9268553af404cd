#include "decode/aggfrag.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/decoding.hpp"
#include "support/random.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Sent {
  std::size_t block_offset = 0;
  Octets blocks{};
};

// Packets one behind the other, cut into payloads of `size` bytes, the last one padded.
std::vector<Sent> payloads_of(const std::vector<Octets>& packets, const std::vector<std::size_t>& sizes) {
  std::vector<Sent> out;
  std::size_t left = 0;  // of the packet begun in the payload before
  std::size_t packet = 0, at = 0;
  for (std::size_t i = 0; packet < packets.size(); ++i) {
    Sent sent{left, {}};
    const std::size_t size = sizes[i % sizes.size()];
    while (sent.blocks.size() < size && packet < packets.size()) {
      const std::size_t some = std::min(size - sent.blocks.size(), packets[packet].size() - at);
      const auto from = packets[packet].begin() + static_cast<std::ptrdiff_t>(at);
      sent.blocks.insert(sent.blocks.end(), from, from + static_cast<std::ptrdiff_t>(some));
      at += some;
      if (at == packets[packet].size()) ++packet, at = 0;
    }
    left = at == 0 ? 0 : packets[packet].size() - at;
    sent.blocks.resize(size);
    out.push_back(std::move(sent));
  }
  return out;
}

struct Feeder {
  AggfragReassembler reassembler;
  std::vector<Octets> inner{};
  std::string malformed{};
  explicit Feeder(const AggfragReassembler::Limits& limits = {}) : reassembler(limits) {}
  std::size_t add(std::uint64_t sequence, const Sent& sent, bool joins = true, SaNumber sa = 1) {
    const auto outcome = reassembler.add({sa, sequence, sent.block_offset, sent.blocks, joins, false});
    for (const auto& one : outcome.inner) inner.emplace_back(one.bytes.begin(), one.bytes.end());
    malformed = outcome.malformed;
    return outcome.inner.size();
  }
};

Octets joined(Octets first, const Octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}
Octets part(const Octets& whole, std::size_t from, std::size_t to) {
  return {whole.begin() + static_cast<std::ptrdiff_t>(from), whole.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

TEST_CASE("aggfrag: whole packets of both versions, then padding") {
  Feeder feeder;
  CHECK(feeder.add(1, {0, joined(joined(inner_v4(1), inner_v6(2)), Octets(50))}) == 2);
  CHECK(feeder.inner == std::vector<Octets>{inner_v4(1), inner_v6(2)});
  CHECK(feeder.add(2, {0, Octets(100)}) == 0);
  CHECK(feeder.add(3, {0, {}}) == 0);
  CHECK(feeder.malformed.empty());
}

TEST_CASE("aggfrag: a packet over two payloads, in either order") {
  const Octets whole = inner_v4(1, 200);
  const Sent first{0, part(whole, 0, 90)},
      second{whole.size() - 90, joined(part(whole, 90, whole.size()), inner_v6(2))};
  Feeder feeder;
  CHECK(feeder.add(7, first) == 0);
  CHECK(feeder.add(8, second) == 2);
  CHECK(feeder.inner == std::vector<Octets>{whole, inner_v6(2)});
  Feeder swapped;
  CHECK(swapped.add(8, second) == 1);
  CHECK(swapped.add(7, first) == 1);
  CHECK(swapped.inner == std::vector<Octets>{inner_v6(2), whole});
  CHECK(swapped.malformed.empty());
}

TEST_CASE("aggfrag: a packet cut before its length field can be read") {
  for (const Octets& whole : {inner_v4(1), inner_v6(1)})
    for (std::size_t cut = 1; cut < 7; ++cut) {
      Feeder feeder;
      feeder.add(1, {0, part(whole, 0, cut)});
      CHECK(feeder.add(2, {whole.size() - cut, part(whole, cut, whole.size())}) == 1);
      CHECK(feeder.inner.back() == whole);
    }
}

TEST_CASE("aggfrag: a packet through a payload that is nothing but its middle") {
  const Octets whole = inner_v4(1, 300);
  Feeder feeder;
  feeder.add(1, {0, part(whole, 0, 100)});
  feeder.add(3, {whole.size() - 200, part(whole, 200, whole.size())});
  CHECK(feeder.inner.empty());
  CHECK(feeder.add(2, {whole.size() - 100, part(whole, 100, 200)}) == 1);
  CHECK(feeder.inner.back() == whole);
}

TEST_CASE("aggfrag: the end of a packet whose beginning is missing is left out") {
  Feeder feeder;
  CHECK(feeder.add(5, {30, joined(Octets(30, 0x45), inner_v4(2))}) == 1);
  CHECK(feeder.add(7, {10, Octets(10, 0x45)}) == 0);
  CHECK(feeder.malformed.empty());
}

TEST_CASE("aggfrag: replays give their whole packets and complete nothing") {
  const Octets whole = inner_v4(1, 200);
  Feeder feeder;
  feeder.add(1, {0, joined(inner_v4(9), part(whole, 0, 90))});
  CHECK(feeder.add(1, {0, joined(inner_v4(9), part(whole, 0, 90))}, false) == 1);
  CHECK(feeder.add(2, {whole.size() - 90, part(whole, 90, whole.size())}, false) == 0);
  CHECK(feeder.add(2, {whole.size() - 90, part(whole, 90, whole.size())}) == 1);
  CHECK(feeder.add(2, {whole.size() - 90, part(whole, 90, whole.size())}, false) == 0);
}

TEST_CASE("aggfrag: what contradicts itself is malformed and joins nothing") {
  const Octets whole = inner_v4(1, 200);
  Feeder feeder;
  SECTION("a block that is no packet") {
    feeder.add(1, {0, Octets(40, 0x99)});
    CHECK(feeder.malformed == "a data block begins with 9: neither IPv4, IPv6 nor padding");
  }
  SECTION("an IPv4 packet without room for its header") {
    Octets tiny = inner_v4(1);
    write_u16(tiny, 2, 19);
    feeder.add(1, {0, tiny});
    CHECK(feeder.malformed == "an IPv4 data block of 19 bytes has no header");
  }
  SECTION("an unfinished block that is not gone on with") {
    feeder.add(1, {0, part(whole, 0, 90)});
    feeder.add(2, {0, inner_v4(2)});
    CHECK(feeder.malformed == "a data block is not finished, but the next payload does not go on with it");
    CHECK(feeder.inner.size() == 1);
  }
  SECTION("an end without a beginning") {
    feeder.add(1, {0, Octets(90)});
    feeder.add(2, {40, Octets(90)});
    CHECK(feeder.malformed == "a payload goes on with a data block, but the one before it ends with a whole one");
  }
  SECTION("pieces that do not make the length of the header") {
    feeder.add(1, {0, part(whole, 0, 90)});
    feeder.add(2, {whole.size() - 91, part(whole, 91, whole.size())});
    CHECK(feeder.malformed == "the pieces of a data block have 227 bytes, its header says 228");
    CHECK(feeder.inner.empty());
  }
  SECTION("offsets that do not agree") {
    feeder.add(1, {0, part(whole, 0, 90)});
    feeder.add(2, {100, part(whole, 90, 120)});
    feeder.add(3, {60, Octets(80)});
    CHECK(feeder.malformed == "a data block goes on for 70 bytes, but the next payload's offset is 60");
    CHECK(feeder.inner.empty());
  }
}

TEST_CASE("aggfrag: a block may have 65535 bytes; one that never ends is given up") {
  Octets whole = inner_v4(1, 65507);
  REQUIRE(whole.size() == 65535);
  Feeder feeder;
  const std::vector<Sent> sent = payloads_of({whole}, {1400});
  for (std::size_t i = 0; i < sent.size(); ++i) feeder.add(i + 1, sent[i]);
  CHECK(feeder.inner == std::vector<Octets>{whole});
  CHECK(feeder.reassembler.incomplete() == 0);
  feeder.add(100, {0, part(whole, 0, 10)});
  for (std::uint64_t number = 101; number < 400; ++number) feeder.add(number, {65101 - number, Octets(1)});
  CHECK(feeder.reassembler.incomplete() == 1);
  CHECK(feeder.reassembler.bytes() < 20'000);
}

TEST_CASE("aggfrag: SAs, packets and bytes are bounded") {
  const Octets whole = inner_v4(1, 1000);
  SECTION("packets") {
    Feeder feeder{{.packets = 4}};
    feeder.add(1, {0, part(whole, 0, 500)});
    feeder.add(5, {0, {}});
    CHECK(feeder.reassembler.incomplete() == 1);
    CHECK(feeder.add(2, {whole.size() - 500, part(whole, 500, whole.size())}) == 0);
    CHECK(feeder.add(1, {0, part(whole, 0, 500)}) == 0);
  }
  SECTION("SAs") {
    Feeder feeder{{.sas = 2}};
    for (SaNumber sa = 1; sa <= 5; ++sa) feeder.add(1, {0, part(whole, 0, 500)}, true, sa);
    CHECK(feeder.reassembler.incomplete() == 3);
    CHECK(feeder.add(2, {whole.size() - 500, part(whole, 500, whole.size())}, true, 5) == 1);
  }
  SECTION("bytes") {
    Feeder feeder{{.bytes_of_sa = 3000, .bytes = 5000}};
    for (SaNumber sa = 1; sa <= 5; ++sa)
      for (std::uint64_t number = 1; number <= 20; number += 2) {
        feeder.add(number, {0, part(whole, 0, 500)}, true, sa);
        REQUIRE(feeder.reassembler.bytes() <= 5000);
      }
  }
}

TEST_CASE("aggfrag: numbers that begin anew do not meet those of before") {
  const Octets whole = inner_v4(1, 200);
  AggfragReassembler reassembler;
  const Octets head = part(whole, 0, 90), rest = part(whole, 90, whole.size());
  reassembler.add({1, 1000, 0, head, true, false});
  reassembler.add({1, 1, 0, head, true, true});
  CHECK(reassembler.incomplete() == 1);
  CHECK(reassembler.add({1, 2, whole.size() - 90, rest, true, false}).inner.size() == 1);
}

// The model: what was sent, and which payloads came. A packet comes out once all payloads that hold a byte of it have
// come close enough to each other.
TEST_CASE("aggfrag: random packets in random payloads, late and lost ones, give exactly those that came whole") {
  Random random;
  CAPTURE(random.seed());
  std::size_t came = 0, missed = 0;
  for (int round = 0; round < 60; ++round) {
    std::vector<Octets> packets;
    for (std::uint16_t i = 0; i < 60; ++i)
      packets.push_back(random.chance(2) ? inner_v4(i, random.below(random.chance(5) ? 900 : 60))
                                         : inner_v6(i, random.below(200)));
    std::vector<std::size_t> sizes(7);
    for (std::size_t& size : sizes) size = 1 + random.below(random.chance(3) ? 40 : 300);
    const std::vector<Sent> sent = payloads_of(packets, sizes);
    // Which payloads hold bytes of which packet.
    std::vector<std::set<std::size_t>> holders(packets.size());
    std::size_t packet = 0, at = 0;
    for (std::size_t i = 0; i < sent.size() && packet < packets.size(); ++i)
      for (std::size_t byte = 0; byte < sent[i].blocks.size() && packet < packets.size(); ++byte) {
        holders[packet].insert(i);
        if (++at == packets[packet].size()) ++packet, at = 0;
      }
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < sent.size(); ++i)
      if (!random.chance(12)) order.push_back(i);
    for (std::size_t i = 0; i + 1 < order.size(); ++i)
      if (random.chance(4)) std::swap(order[i], order[std::min(order.size() - 1, i + 1 + random.below(4))]);
    Feeder feeder{{.packets = 100'000, .bytes_of_sa = 1U << 24}};
    for (const std::size_t i : order) {
      feeder.add(1000 + i, sent[i]);
      REQUIRE(feeder.malformed.empty());
    }
    const std::set<std::size_t> arrived{order.begin(), order.end()};
    std::multiset<Octets> expected;
    for (std::size_t i = 0; i < packets.size(); ++i)
      if (std::includes(arrived.begin(), arrived.end(), holders[i].begin(), holders[i].end()))
        expected.insert(packets[i]);
    REQUIRE(std::multiset<Octets>{feeder.inner.begin(), feeder.inner.end()} == expected);
    came += expected.size();
    missed += packets.size() - expected.size();
  }
  CHECK(came > 500);
  CHECK(missed > 200);
}
