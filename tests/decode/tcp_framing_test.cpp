#include "decode/tcp_framing.hpp"

#include <string>

#include "support/catch.hpp"
#include "support/craft.hpp"
#include "support/random.hpp"
#include "support/testdata.hpp"

using namespace espdump;
using namespace espdump::test;
using State = TcpFraming::State;

namespace {

constexpr std::uint32_t known_spi = 0xc1c2c3c4;
const std::vector<std::uint32_t> known{known_spi};

// A framed message that looks like ESP.
Octets esp(std::uint32_t number, std::size_t body = 24, std::uint32_t spi = known_spi) {
  Octets out(2 + 8 + body, 0x5a);
  write_u16(out, 0, static_cast<std::uint16_t>(out.size()));
  write_u32(out, 2, spi);
  write_u32(out, 6, number);
  return out;
}
Octets ike() { return unhex("0022 00000000 1111111111111111 2222222222222222 2e 20 23 08 00000001 0000001c"); }
Octets joined(const std::vector<Octets>& parts) {
  Octets out;
  for (const Octets& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

// Reads runs and keeps copies of the messages; a cut one ends in "+", its missing bytes follow as a number.
struct Reader {
  TcpFraming framing{};
  std::vector<Octets> messages{};
  std::string kinds{};  // M message, C message cut, P prefix, B broken; lower case: joined from several runs
  explicit Reader(State state) { framing.begin(state); }
  void read(const std::vector<StreamRun>& runs) {
    std::vector<TcpMessage> out;
    framing.read(runs, known, out);
    for (const TcpMessage& message : out) {
      const bool cut = message.bytes.size() < message.length;
      const char kind = message.kind == TcpMessage::Kind::prefix   ? 'P'
                        : message.kind == TcpMessage::Kind::broken ? 'B'
                        : cut                                      ? 'C'
                                                                   : 'M';
      kinds += message.captured || kind == 'B' ? kind : static_cast<char>(kind + 'a' - 'A');
      messages.emplace_back(message.bytes.begin(), message.bytes.end());
    }
  }
  void bytes(const Octets& octets) { read({{octets, 0, true}}); }
  void lost(std::size_t size) { read({{{}, size, false}}); }
};

}  // namespace

TEST_CASE("tcp framing: the initiator's prefix, then messages, whole ones in place") {
  Reader reader{State::prefix};
  const Octets keepalive{0, 3, 0xff};
  reader.bytes(joined({unhex("494b45544350"), ike(), esp(1), keepalive}));
  CHECK(reader.kinds == "PMMM");
  CHECK(reader.messages[1] == ike());
  CHECK(reader.messages[2] == esp(1));
  CHECK(reader.messages[3] == keepalive);
  CHECK(reader.framing.bytes() == 0);
}

TEST_CASE("tcp framing: any cut into segments gives the same messages") {
  const Octets all = joined({unhex("494b45544350"), ike(), esp(1, 300), esp(2, 8), Octets{0, 3, 0xff}, esp(3, 1000)});
  for (const std::size_t step : {1U, 2U, 3U, 5U, 7U, 33U, 100U, 5000U}) {
    Reader reader{State::prefix};
    for (std::size_t at = 0; at < all.size(); at += step) {
      const auto from = all.begin() + static_cast<std::ptrdiff_t>(at);
      reader.bytes({from, from + static_cast<std::ptrdiff_t>(std::min(step, all.size() - at))});
    }
    CAPTURE(step);
    REQUIRE(reader.messages.size() == 6);
    CHECK(joined(reader.messages) == all);
    CHECK(reader.framing.bytes() == 0);
  }
}

TEST_CASE("tcp framing: without the prefix the beginning is searched for") {
  Reader reader{State::prefix};
  reader.bytes(unhex("494b455443"));
  reader.bytes(unhex("58"));
  CHECK(reader.framing.state() == State::search);
  reader.bytes(joined({esp(1), esp(2)}));
  CHECK(reader.kinds == "mm");
}

TEST_CASE("tcp framing: a length that does not count itself breaks the stream, which goes on where it makes sense") {
  for (const char* length : {"0000", "0001"}) {
    Reader reader{State::messages};
    reader.bytes(joined({esp(1), unhex(length), Octets(50, 0x77), esp(2), esp(3), esp(4)}));
    CHECK(reader.kinds == "MBMMM");
    CHECK(reader.messages[2] == esp(2));
  }
  Reader split{State::messages};
  split.bytes({0});
  split.bytes({1});
  split.bytes(joined({esp(2), esp(3)}));
  CHECK(split.kinds == "BMM");
}

TEST_CASE(
    "tcp framing: in the middle of a stream, a known SPI with a message behind it, or the segment's end, decides") {
  Reader reader{State::search};
  const Octets first = esp(1, 60);
  reader.bytes(joined({Octets(first.begin() + 9, first.end()), esp(2), esp(3)}));
  CHECK(reader.kinds == "MM");
  Reader at_end{State::search};
  at_end.bytes(joined({Octets(first.begin() + 9, first.end()), esp(2)}));
  CHECK(at_end.kinds == "M");
  Reader spread{State::search};
  const Octets second = esp(2), third = esp(3);
  spread.bytes(joined({Octets(20, 0x11), Octets(second.begin(), second.begin() + 11)}));
  CHECK(spread.kinds.empty());
  spread.bytes(joined({Octets(second.begin() + 11, second.end()), Octets(third.begin(), third.begin() + 5)}));
  CHECK(spread.kinds.empty());
  spread.bytes(Octets(third.begin() + 5, third.end()));
  CHECK(spread.kinds == "mm");
  CHECK(spread.messages[1] == third);
}

TEST_CASE("tcp framing: an IKE message is found in the middle of a stream, too") {
  Reader reader{State::search};
  reader.bytes(joined({Octets(20, 0x11), ike()}));
  CHECK(reader.kinds == "M");
  Octets wrong = ike();
  wrong[23] = 0x50;  // version 5
  Reader other{State::search};
  other.bytes(joined({Octets(20, 0x11), wrong}));
  CHECK(other.kinds.empty());
}

TEST_CASE("tcp framing: without known SPIs two consecutive numbers of one SPI at a segment's start decide") {
  Reader reader{State::search};
  reader.bytes(esp(7, 24, 0xabcdef01));
  CHECK(reader.kinds.empty());
  reader.bytes(esp(8, 24, 0xabcdef01));
  CHECK(reader.kinds == "mm");
  Reader other{State::search};
  other.bytes(esp(7, 24, 0xabcdef01));
  other.bytes(esp(7, 24, 0xabcdef01));
  other.bytes(esp(9, 24, 0xabcdef02));
  CHECK(other.kinds.empty());
}

TEST_CASE("tcp framing: lost bytes inside a message cost that message alone") {
  Reader reader{State::messages};
  const Octets first = esp(1, 100);
  SECTION("up to its end") {
    reader.bytes({first.begin(), first.begin() + 30});
    reader.lost(80);
    CHECK(reader.kinds == "c");
    CHECK(reader.messages[0].size() == 30);
    reader.bytes(esp(2));
  }
  SECTION("in its middle") {
    reader.bytes({first.begin(), first.begin() + 30});
    reader.lost(20);
    reader.bytes({first.begin() + 50, first.begin() + 80});
    reader.lost(10);
    reader.bytes(joined({Octets(first.begin() + 90, first.end()), esp(2)}));
  }
  CHECK(reader.kinds == "cM");
  CHECK(reader.messages[1] == esp(2));
  CHECK(reader.framing.bytes() == 0);
}

TEST_CASE("tcp framing: lost bytes that reach beyond a message, or hide a length, cost the framing") {
  Reader reader{State::messages};
  const Octets first = esp(1, 100);
  SECTION("beyond the end") {
    reader.bytes({first.begin(), first.begin() + 30});
    reader.lost(81);
    CHECK(reader.kinds == "c");
  }
  SECTION("between two messages") { reader.lost(1); }
  SECTION("behind half a length") {
    reader.bytes({0});
    reader.lost(1);
  }
  CHECK(reader.framing.state() == State::search);
  CHECK(reader.framing.bytes() == 0);
}

TEST_CASE("tcp framing: any bytes are read to the end with bounded memory, in either state") {
  Random random;
  CAPTURE(random.seed());
  std::size_t found = 0;
  for (int round = 0; round < 30; ++round) {
    Reader reader{random.chance(2) ? State::messages : State::search};
    for (int i = 0; i < 200; ++i) {
      if (random.chance(20)) reader.lost(1 + random.below(300));
      Octets bytes(random.below(200));
      for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.below(random.chance(2) ? 4 : 256));
      if (random.chance(4))
        bytes = joined({bytes, esp(static_cast<std::uint32_t>(i)), esp(static_cast<std::uint32_t>(i) + 1)});
      reader.bytes(bytes);
      REQUIRE(reader.framing.bytes() < 70'000);
    }
    found += reader.messages.size();
  }
  CHECK(found > 50);
}
