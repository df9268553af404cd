#include "partial/partial.hpp"

#include <espdump/report.hpp>

#include <algorithm>

#include "partial/section.hpp"
#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/random.hpp"

using namespace espdump;
using namespace espdump::test;
using partial::Stream;

namespace {

const SaText sa;

Keystore store_of(const std::string& text) {
  Keystore out;
  REQUIRE(out.import_text("xfrm.txt", {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  out.seal();
  return out;
}

// A replay, a loss, a forged packet and a late one among others.
std::vector<Octets> frames() {
  std::vector<Octets> out;
  for (const std::uint64_t number : {1, 2, 3, 2, 5, 6, 8, 7}) out.push_back(esp_frame(sa, number));
  out.push_back(forged(esp_frame(sa, 9)));
  return out;
}

Frame frame_of(const Octets& bytes, FrameNumber number) {
  Frame out;
  out.number = number;
  out.time.nanoseconds = static_cast<std::int64_t>(number) * 1'000'000;
  out.link_type = 1;
  out.bytes = bytes;
  out.wire_length = bytes.size();
  return out;
}

Stream made_of(const Keystore& store, const std::vector<Octets>& list, const partial::Settings& settings = {}) {
  Stream out;
  partial::Packing packing{out};
  packing.begin(settings, store);
  Decoder decoder{store, {.taping = Taping::records}};
  Packet packet;
  FrameRecord record;
  FrameNumber number = 0;
  for (const Octets& bytes : list) {
    decoder.decode(frame_of(bytes, ++number), packet, record);
    packing.add(record);
  }
  partial::Ending ending;
  ending.sources = {{"wire.pcap", "", list.size(), 1'000'000, 0}};
  packing.end(ending);
  return out;
}

std::vector<partial::Member> opened(const Stream& file) {
  auto members = partial::partial_over(file, "part.esp");
  REQUIRE(members);
  return std::move(*members);
}

std::string error_of(const Stream& file) {
  const auto members = partial::partial_over(file, "part.esp");
  REQUIRE_FALSE(members);
  return members.error().to_string();
}

bool contains(const Stream& file, Bytes part) {
  return std::search(file.begin(), file.end(), part.begin(), part.end()) != file.end();
}

}  // namespace

TEST_CASE("partial: a replay has the verdicts of the run that was recorded") {
  const Keystore store = store_of(dump_text(sa));
  const std::vector<Octets> list = frames();
  const Stream file = made_of(store, list);
  auto members = opened(file);
  REQUIRE(members.size() == 1);
  const Keystore told = members[0].keystore();
  Decoder usual{store}, replaying{told, {.taping = Taping::replays}};
  Packet one, other;
  FrameRecord record;
  FrameNumber number = 0;
  for (const Octets& bytes : list) {
    usual.decode(frame_of(bytes, ++number), one);
    REQUIRE(members[0].next(record));
    replaying.replay(record, other);
    REQUIRE(other.ipsec().size() == one.ipsec().size());
    for (std::size_t i = 0; i < one.ipsec().size(); ++i) {
      CHECK(other.ipsec()[i].icv == one.ipsec()[i].icv);
      CHECK(other.ipsec()[i].replay == one.ipsec()[i].replay);
      CHECK(other.ipsec()[i].sequence == one.ipsec()[i].sequence);
      CHECK(other.ipsec()[i].decrypted == one.ipsec()[i].decrypted);
    }
    REQUIRE(other.layers().size() == one.layers().size());
    for (std::size_t i = 0; i < one.layers().size(); ++i) {
      CHECK(other.layers()[i].protocol == one.layers()[i].protocol);
      CHECK(other.layers()[i].payload.size() == one.layers()[i].payload.size());
    }
  }
  CHECK_FALSE(members[0].next(record));
  CHECK_FALSE(members[0].damage());
  const SaStatistics before = usual.statistics().at(0), after = replaying.statistics().at(0);
  CHECK(after.packets == before.packets);
  CHECK(after.replayed == before.replayed);
  CHECK(after.lost == before.lost);
  CHECK(after.kernel.replay == before.kernel.replay);
  CHECK(after.kernel.failed == before.kernel.failed);
}

TEST_CASE("partial: a turned bit is found under ESN where nothing else in its slice verifies") {
  SaText esn;
  esn.esn = true;
  const Keystore store = store_of(dump_text(esn));
  const std::uint64_t cycle = std::uint64_t{1} << 32U;
  Octets turned = esp_frame(esn, cycle + 7);
  turned.back() ^= 0x10;
  const Stream early = made_of(store, {esp_frame(esn, cycle + 5), esp_frame(esn, cycle + 6)});
  const Stream late = made_of(store, {turned});
  std::vector<partial::Member> members = opened(early);
  members.push_back(std::move(opened(late).front()));
  const Keystore told = members[0].keystore();
  Decoder replaying{told, {.taping = Taping::replays}};
  Packet packet;
  FrameRecord record;
  for (partial::Member& member : members)
    while (member.next(record)) replaying.replay(record, packet);
  REQUIRE(packet.ipsec().size() == 1);
  CHECK(packet.ipsec()[0].icv_cause == IcvCause::bit_flip);
  CHECK(packet.ipsec()[0].flipped.bit == 4);
}

TEST_CASE("partial: neither keys nor what packets carry are in it") {
  const Keystore store = store_of(dump_text(sa));
  const Octets echo = inner_v4(1, 400);
  const Octets frame = esp_frame(sa, 1, echo);
  const Stream file = made_of(store, {frame});
  auto streams = std::vector<Stream>{file};
  for (std::size_t at = partial::magic.size() + 4; at < file.size();) {
    const auto size = static_cast<std::size_t>(read_u64(file, at + 4));
    const auto columns = partial::decompress(Bytes{file}.subspan(at + partial::section_header, size));
    REQUIRE(columns);
    streams.insert(streams.end(), columns->begin(), columns->end());
    at += partial::section_header + size;
  }
  const Octets key{0x3d, 0x9f, 0x1c, 0x7a, 0xe4, 0x40, 0x5b, 0x86};
  constexpr std::size_t icmp_header = 28;
  for (const Stream& stream : streams) {
    CHECK_FALSE(contains(stream, key));
    CHECK_FALSE(contains(stream, Bytes{echo}.subspan(icmp_header, 16)));
    CHECK_FALSE(contains(stream, Bytes{frame}.last(16)));
  }
  // That the test can fail: headers are there.
  CHECK(std::any_of(streams.begin(), streams.end(),
                    [&](const Stream& one) { return contains(one, Bytes{echo}.first(20)); }));
}

TEST_CASE("partial: of keys it has what groups and sizes tell") {
  const Keystore store = store_of(dump_text(sa));
  const Stream file = made_of(store, {});
  const Keystore told = opened(file)[0].keystore();
  REQUIRE(told.associations().size() == store.associations().size());
  const SecurityAssociation &one = store.associations()[0], &other = told.associations()[0];
  CHECK(other.spi == one.spi);
  CHECK(other.replay_window == one.replay_window);
  CHECK(suite_name(other) == suite_name(one));
  CHECK(other.encryption.key_group == one.encryption.key_group);
  CHECK(other.encryption.key.size() == one.encryption.key.size());
  CHECK_FALSE(same_secret(other.encryption.key, one.encryption.key));
}

TEST_CASE("partial: several in one file are several") {
  const Keystore store = store_of(dump_text(sa));
  const Stream one = made_of(store, frames());
  Stream both = one;
  both.insert(both.end(), one.begin(), one.end());
  const auto members = opened(both);
  REQUIRE(members.size() == 2);
  CHECK(members[0].likeness() == members[1].likeness());
}

TEST_CASE("partial: other options or keys make another likeness") {
  const Keystore store = store_of(dump_text(sa));
  SaText changed = sa;
  changed.algorithms = cbc_sha256;
  const std::uint64_t usual = opened(made_of(store, {}))[0].likeness();
  CHECK(opened(made_of(store, {}, {true, ""}))[0].likeness() != usual);
  CHECK(opened(made_of(store, {}, {false, "esp"}))[0].likeness() != usual);
  CHECK(opened(made_of(store_of(dump_text(changed)), {}))[0].likeness() != usual);
  CHECK(opened(made_of(store_of(dump_text(sa)), {}))[0].likeness() == usual);
}

TEST_CASE("partial: a file cut anywhere is refused") {
  const Keystore store = store_of(dump_text(sa));
  const Stream file = made_of(store, frames());
  for (std::size_t size = 0; size < file.size(); ++size) {
    const Stream cut(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(partial::partial_over(cut, "part.esp"));
  }
  CHECK(error_of({}) == "part.esp: is empty");
  CHECK(error_of(Stream(file.begin(), file.end() - 1)) ==
        "part.esp: ends early: it was never finished, or cut; make it anew");
}

TEST_CASE("partial: no altered byte goes unnoticed") {
  const Keystore store = store_of(dump_text(sa));
  const Stream file = made_of(store, frames());
  for (std::size_t at = 0; at < file.size(); ++at) {
    Stream altered = file;
    altered[at] ^= 0x10U;
    auto members = partial::partial_over(altered, "part.esp");
    if (!members) continue;
    FrameRecord record;
    while (members->front().next(record)) {
    }
    CHECK(members->front().damage());
  }
}

TEST_CASE("partial: sections that need not be known are passed over, others are not") {
  const Keystore store = store_of(dump_text(sa));
  const Stream file = made_of(store, {});
  const auto with = [&](std::uint32_t type) {
    Stream section(partial::section_header, 0);
    write_u32(section, 0, type);
    Stream out = file;
    out.insert(out.begin() + partial::magic.size() + 4, section.begin(), section.end());
    return out;
  };
  CHECK(partial::partial_over(with(partial::optional_sections + 7), "part.esp"));
  CHECK(error_of(with(7)).find("a section of kind 7, which this espdump does not know") != std::string::npos);
  Stream later = file;
  later[partial::magic.size() + 3] = 2;
  CHECK(error_of(later) == "part.esp: is of version 2 of the format; this espdump reads version 1");
  CHECK(
      error_of({'n', 'o', ' ', 'p', 'a', 'r', 't', 'i', 'a', 'l', ' ', 'r', 'e', 's', 'u', 'l', 't', '\n', 0, 0, 0}) ==
      "part.esp: is no partial result; `espdump CAPTURE --partial FILE` makes one");
}
