#include "decode/per_capture.hpp"

#include <set>

#include "decode/fragments.hpp"
#include "decode/tcp_encap.hpp"
#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;
using Kind = FragmentReassembler::Kind;

namespace {

// Captures of one wire, and datagrams of three pieces of 8 bytes.
struct Captures {
  PerCapture<FragmentReassembler> fragments{[] { return FragmentReassembler{}; }};
  const Octets header = ipv4_packet("192.0.2.1", "192.0.2.2", 50, {}, {.id = 7, .mf = true});
  Timestamp time{1'000'000'000};
  FrameNumber frame = 0;
  std::set<std::uint16_t> begun{};

  Kind piece(std::uint16_t capture, std::uint32_t datagram, std::size_t number) {
    const FragmentKey key{*IpAddress::parse("192.0.2.1"), *IpAddress::parse("192.0.2.2"), datagram, 50, 0};
    const Octets payload(8, static_cast<std::uint8_t>(datagram));
    time.nanoseconds += 1'000'000;
    if (begun.insert(capture).second) fragments.begin(capture);
    return fragments.of(capture).add(key, {number * 8, number != 2, header, payload, 50, false}, ++frame, time).kind;
  }
  [[nodiscard]] std::uint64_t missing() const { return fragments.unfinished().count(); }
};

Keystore one_sa() {
  const std::string dump = dump_text({});
  Keystore store;
  REQUIRE(store.import_text("test", {reinterpret_cast<const std::uint8_t*>(dump.data()), dump.size()}));
  store.seal();
  return store;
}

// One direction of a connection to port 4500, as captures have it.
struct Streams {
  Keystore store = one_sa();
  PerCapture<TcpEncapsulation> tcp{[this] { return TcpEncapsulation{store}; }};
  Timestamp time{1'000'000'000};
  std::set<std::uint16_t> begun{};

  // The number of messages that the bytes complete.
  std::size_t send(std::uint16_t capture, std::uint32_t number, const Octets& payload) {
    const Octets segment = tcp_segment("192.0.2.1", "192.0.2.2", 40000, 4500, payload, {number, 1, 0x10});
    time.nanoseconds += 1'000'000;
    if (begun.insert(capture).second) tcp.begin(capture);
    const auto outcome =
        tcp.of(capture).add({*IpAddress::parse("192.0.2.1"), *IpAddress::parse("192.0.2.2"), wire::Tcp::over(segment),
                             Bytes{segment}.subspan(20), payload.size(), 0, time});
    return outcome.messages.size();
  }
  [[nodiscard]] std::uint64_t missing() const { return tcp.unfinished().count(); }
};

// Messages of 50 bytes on an SPI, as they follow each other.
Octets messages(std::size_t count) {
  Octets out;
  for (std::size_t number = 0; number < count; ++number) {
    Octets one(50, 0x5a);
    write_u16(one, 0, 50);
    write_u32(one, 2, 0x1001);
    out.insert(out.end(), one.begin(), one.end());
  }
  return out;
}
Octets part(const Octets& of, std::size_t from, std::size_t to) {
  return {of.begin() + static_cast<std::ptrdiff_t>(from), of.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

TEST_CASE("per capture: two captures of the same pieces are put together each by itself") {
  Captures captures;
  captures.piece(1, 99, 0);  // it has begun
  captures.piece(0, 7, 0);
  captures.piece(1, 7, 0);
  captures.piece(0, 7, 1);
  captures.piece(1, 7, 1);
  CHECK(captures.piece(0, 7, 2) == Kind::complete);
  CHECK(captures.piece(1, 7, 2) == Kind::complete);
  CHECK(captures.missing() == 1);
}

TEST_CASE("per capture: pieces of captures that were made at the same time are not mixed") {
  Captures captures;
  captures.piece(0, 1, 0);
  captures.piece(1, 2, 0);
  captures.piece(0, 7, 0);
  captures.piece(1, 7, 1);
  CHECK(captures.piece(0, 7, 2) == Kind::kept);
  CHECK(captures.missing() == 4);
}

TEST_CASE("per capture: one that begins goes on with what was under way, whatever becomes of it elsewhere") {
  const bool overlap = GENERATE(false, true);
  Captures captures;
  captures.piece(0, 7, 0);
  captures.piece(0, 7, 1);
  if (overlap) captures.piece(1, 8, 0);
  if (overlap) CHECK(captures.piece(0, 7, 2) == Kind::complete);
  CHECK(captures.piece(1, 7, 2) == Kind::complete);
  CHECK(captures.missing() == (overlap ? 1 : 0));
}

TEST_CASE("per capture: what captures have left unfinished counts once") {
  Captures captures;
  captures.piece(1, 1, 0);
  captures.piece(1, 1, 1);
  captures.piece(1, 1, 2);
  SECTION("alike in both") {
    captures.piece(0, 7, 0);
    captures.piece(1, 7, 0);
    CHECK(captures.missing() == 1);
  }
  SECTION("more of it in the one that goes on") {
    captures.piece(0, 7, 0);
    captures.piece(1, 7, 0);
    captures.piece(1, 7, 1);
    CHECK(captures.missing() == 1);
    CHECK(captures.piece(1, 7, 2) == Kind::complete);
    CHECK(captures.missing() == 0);
  }
  SECTION("and not at all where it was left to another that has its end") {
    captures.piece(0, 7, 0);
    CHECK(captures.piece(2, 7, 1) == Kind::kept);
    CHECK(captures.missing() == 1);
    CHECK(captures.piece(2, 7, 2) == Kind::complete);
    CHECK(captures.missing() == 0);
  }
  SECTION("and of what came before the counting nothing, until a piece changes it") {
    captures.piece(0, 7, 0);
    captures.piece(0, 8, 0);
    captures.fragments.count_anew(1);
    CHECK(captures.missing() == 0);
    captures.piece(0, 7, 0);
    CHECK(captures.missing() == 0);
    captures.piece(0, 7, 1);
    CHECK(captures.missing() == 1);
    CHECK(captures.fragments.unfinished().taken_on.size() == 1);
  }
}

TEST_CASE("per capture: pieces that repeat what an earlier capture finished are no loss") {
  Captures captures;
  for (std::size_t number = 0; number < 3; ++number) captures.piece(0, 7, number);
  CHECK(captures.piece(1, 7, 2) == Kind::duplicate);
  CHECK(captures.missing() == 0);
}

TEST_CASE("per capture: of captures and their bytes only so many are kept, and the rest is counted") {
  Captures captures;
  constexpr std::uint16_t count = 3 * PerCapture<FragmentReassembler>::most_captures;
  for (std::uint16_t capture = 0; capture < count; ++capture) captures.piece(capture, capture, 0);
  CHECK(captures.missing() == count);
  captures.piece(count - 1, count - 1, 1);
  CHECK(captures.piece(count - 1, count - 1, 2) == Kind::complete);
  CHECK(captures.missing() == count - 1);
  // The longest idle ones made room.
  captures.piece(0, 0, 1);
  CHECK(captures.piece(0, 0, 2) == Kind::kept);
}

TEST_CASE("per capture: those without a piece of their own take no more room than others") {
  Captures captures;
  captures.piece(0, 7, 0);
  for (std::uint16_t capture = 1; capture < 1000; ++capture) captures.fragments.begin(capture);
  CHECK(captures.fragments.captures() == PerCapture<FragmentReassembler>::most_captures);
  CHECK(captures.missing() == 1);
}

TEST_CASE("per capture: a TCP connection goes on in the next capture, in the middle of a message") {
  const Octets sent = messages(3);
  Streams streams;
  CHECK(streams.send(0, 1000, part(sent, 0, 50)) == 1);
  CHECK(streams.send(0, 1050, part(sent, 50, 80)) == 0);
  SECTION("that follows") { CHECK(streams.send(1, 1080, part(sent, 80, 150)) == 2); }
  SECTION("that overlaps: each by itself") {
    streams.send(1, 1050, part(sent, 50, 80));
    CHECK(streams.send(0, 1080, part(sent, 80, 110)) == 1);
    CHECK(streams.send(1, 1080, part(sent, 80, 110)) == 1);
    CHECK(streams.send(1, 1110, part(sent, 110, 150)) == 1);
  }
  CHECK(streams.missing() == 0);
}

TEST_CASE("per capture: a gap in a TCP connection counts once, and not where the next capture fills it") {
  const Octets sent = messages(4);
  Streams streams;
  CHECK(streams.send(0, 1000, part(sent, 0, 50)) == 1);
  CHECK(streams.send(0, 1100, part(sent, 100, 150)) == 0);
  CHECK(streams.missing() == 1);
  SECTION("that fills it") {
    CHECK(streams.send(1, 1050, part(sent, 50, 100)) == 2);
    CHECK(streams.missing() == 0);
  }
  SECTION("that adds to what waits") {
    CHECK(streams.send(1, 1150, part(sent, 150, 200)) == 0);
    CHECK(streams.missing() == 1);
  }
  SECTION("that gives it up") {
    streams.time.nanoseconds += 20'000'000'000;
    CHECK(streams.send(1, 1150, part(sent, 150, 200)) == 2);
    CHECK(streams.missing() == 1);
  }
  SECTION("that is none of its business") {
    streams.tcp.begin(1);
    streams.tcp.count_anew(2);
    CHECK(streams.missing() == 0);
  }
}

TEST_CASE("per capture: of what is left only so many states are known, and all are counted") {
  Unfinished many;
  for (std::uint64_t state = 0; state < Unfinished::most_states + 5; ++state) many.left.push_back(state);
  Unfinished sum;
  sum.add(many);
  sum.add({1, {7, 9}, {8}});
  CHECK(sum.left.size() == Unfinished::most_states);
  CHECK(sum.count() == Unfinished::most_states + 5 + 1 + 2 - 1);  // the last two find no room, one was taken on
}
