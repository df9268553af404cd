#include "analysis/gateway_attack.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "support/catch.hpp"
#include "support/decoding.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

struct Written {
  Octets bytes;
  std::int64_t time = 0;
};

struct Test {
  std::vector<Written> frames;
  std::vector<Plant> plants;
  std::map<std::string_view, std::string> skipped;
};

Keystore store_of(const std::string& keys) {
  Keystore store;
  REQUIRE(store.import_text("keys.txt", Bytes{reinterpret_cast<const std::uint8_t*>(keys.data()), keys.size()}));
  store.seal();
  return store;
}

Frame frame_of(const Written& frame, std::uint64_t number) {
  return {number, 0, 0, Timestamp{frame.time}, 1, frame.bytes, frame.bytes.size()};
}

Test test_of(const Keystore& store, const std::vector<Octets>& good) {
  Decoder decoder{store, DecoderOptions{true, false}};
  AttackMaker maker;
  Packet packet;
  std::vector<Written> in;
  for (const Octets& frame : good)
    in.push_back({frame, 1'700'000'000'000'000'000 + static_cast<std::int64_t>(in.size()) * 1'000'000});
  for (std::size_t i = 0; i < in.size(); ++i) {
    decoder.decode(frame_of(in[i], i + 1), packet);
    maker.learn(packet, decoder);
  }
  maker.plan();
  Test out;
  const AttackMaker::Emit emit = [&](Timestamp time, Bytes bytes, std::size_t) {
    out.frames.push_back({octets(bytes), time.nanoseconds});
  };
  for (std::size_t i = 0; i < in.size(); ++i) maker.make(frame_of(in[i], i + 1), emit);
  maker.finish(emit);
  out.plants = maker.planted();
  for (const SkippedPlant& one : maker.skipped()) out.skipped[one.kind] = one.why;
  CHECK(maker.frames() == out.frames.size());
  return out;
}

// What decoding the whole test says of the last frame of each plant.
struct Seen {
  const Plant* plant = nullptr;
  std::optional<OpenRecord> record;
  bool known = false;  // an SA has its SPI
};

std::vector<Seen> decode(const Keystore& store, const Test& test) {
  std::map<std::uint64_t, const Plant*> plants;
  for (const Plant& plant : test.plants) plants[plant.frame] = &plant;
  Decoder decoder{store, DecoderOptions{false, false}};
  Packet packet;
  std::vector<Seen> out;
  for (std::uint64_t number = 1; number <= test.frames.size(); ++number) {
    decoder.decode(frame_of(test.frames[number - 1], number), packet);
    const auto found = plants.find(number);
    if (found != plants.end()) out.push_back({found->second, {}, false});
    const bool fragment = found == plants.end() && packet.reassembled;
    if ((found == plants.end() && !fragment) || out.empty()) continue;
    if (packet.ipsec().empty()) continue;
    out.back().record = packet.ipsec().front();
    out.back().known = decoder.association(packet.ipsec().front().sa) != nullptr;
  }
  return out;
}

bool is_as_planted(const Seen& seen) {
  const std::string_view kind = seen.plant->kind;
  if (kind == "keepalive" || kind == "too-short") return !seen.record || seen.record->icv != IcvVerdict::ok;
  if (kind == "esp-behind-marker") return !seen.record;
  if (!seen.record) return false;
  const OpenRecord& it = *seen.record;
  const bool authentic = it.icv == IcvVerdict::ok;
  const std::set<std::string_view> forged{"flip-icv",      "flip-ciphertext", "flip-iv", "flip-trailer",
                                          "flip-sequence", "far-ahead",       "extend",  "truncate-icv",
                                          "number-zero",   "fragments-bad"};
  if (forged.count(kind) != 0) return it.icv == IcvVerdict::bad || it.unchecked == Unchecked::malformed;
  if (kind == "flip-spi" || kind == "unknown-spi" || kind == "reserved-spi") return !seen.known;
  if (kind == "wrong-address") return !(it.destination == IpAddress::parse("192.0.2.2").value());
  if (kind == "replay") return it.replay == ReplayVerdict::duplicate && !it.left_of_window;
  if (kind == "old-replay" || kind == "esn-replay") return it.replay == ReplayVerdict::duplicate;
  if (kind == "stale") return authentic && it.replay == ReplayVerdict::stale;
  if (kind == "late") return authentic && it.replay == ReplayVerdict::reordered;
  if (kind == "authentic-zero") return authentic && it.sequence == 0;
  if (kind == "esn-wrong-cycle") return it.old_cycle || it.icv == IcvVerdict::bad;
  if (kind == "fragments-overlap") return it.icv == IcvVerdict::bad || it.replay == ReplayVerdict::duplicate;
  // All others are authentic and new.
  return authentic && it.sequence == seen.plant->sequence &&
         (it.replay == ReplayVerdict::fresh || it.replay == ReplayVerdict::reordered);
}

void check_all(const Keystore& store, const Test& test) {
  for (std::size_t i = 1; i < test.frames.size(); ++i) CHECK(test.frames[i].time > test.frames[i - 1].time);
  for (const Seen& seen : decode(store, test)) {
    INFO(seen.plant->kind << ", frame " << seen.plant->frame << ": " << seen.plant->detail);
    CHECK(is_as_planted(seen));
  }
}

std::set<std::string_view> kinds_of(const Test& test) {
  std::set<std::string_view> out;
  for (const Plant& plant : test.plants) out.insert(plant.kind);
  return out;
}

Octets in_udp(const SaText& sa, std::uint64_t number, bool with_checksum) {
  const Octets esp = esp_of(sa, number, inner_v4(static_cast<std::uint16_t>(number), 120));
  const std::string source = with_checksum ? sa.source : "", destination = with_checksum ? sa.destination : "";
  return ethernet_frame(ipv4_packet(sa.source, sa.destination, 17, udp_datagram(source, destination, 4500, 4500, esp)));
}

SaText udp_sa() {
  SaText sa;
  sa.line = "encap type espinudp sport 4500 dport 4500 addr 0.0.0.0";
  return sa;
}

std::uint16_t sum_of(const Octets& frame) {
  std::uint32_t sum = 17 + static_cast<std::uint32_t>(frame.size() - 34);
  for (std::size_t i = 26; i < frame.size(); i += 2)
    sum += std::uint32_t{frame[i]} << 8 | (i + 1 < frame.size() ? frame[i + 1] : 0U);
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace

TEST_CASE("gateway_attack: three packets and the keys are enough for every plant of a suite") {
  for (const std::string& algorithms : {gcm, cbc_sha256}) {
    SaText sa;
    sa.algorithms = algorithms;
    const Keystore store = store_of(dump_text(sa));
    const Test test = test_of(store, {esp_frame(sa, 7, inner_v4(7, 1200)), esp_frame(sa, 8), esp_frame(sa, 9)});
    check_all(store, test);
    std::set<std::string_view> without;
    for (const auto& [kind, why] : test.skipped) without.insert(kind);
    CHECK(without == std::set<std::string_view>{"udp-no-checksum", "udp-bad-checksum", "esp-behind-marker", "keepalive",
                                                "esn-boundary"});
    CHECK(test.skipped.at("keepalive") == "no SA goes in UDP");
    CHECK(test.skipped.at("esn-boundary") == "no SA has ESN");
    const auto large = std::find_if(test.plants.begin(), test.plants.end(),
                                    [](const Plant& plant) { return plant.kind == "df-large"; });
    REQUIRE(large != test.plants.end());
    const Octets& frame = test.frames[large->frame - 1].bytes;
    CHECK(frame[20] == 0x40);
    CHECK_THAT(large->detail, Catch::Contains("DF, " + std::to_string(frame.size() - 14) + " bytes"));
  }
}

TEST_CASE("gateway_attack: with keys of the integrity alone packets are made, too") {
  SaText sa;
  sa.algorithms = cbc_sha256;
  std::string dump = dump_text(sa);
  const std::size_t enc = dump.find("\tenc ");
  dump.erase(enc, dump.find('\n', enc) + 1 - enc);
  const Keystore store = store_of(dump);
  const Test test = test_of(store, {esp_frame(sa, 1)});
  CHECK(kinds_of(test).count("stale") == 1);
  check_all(store, test);
}

TEST_CASE("gateway_attack: an SA with ESN is taken across the next multiple of 2^32") {
  for (const std::uint64_t before : {std::uint64_t{5}, std::uint64_t{0x3'ffff'0000}, std::uint64_t{0x7'0000'0100}}) {
    for (const std::string& algorithms : {gcm, cbc_sha256}) {
      SaText sa;
      sa.algorithms = algorithms;
      sa.esn = true;
      sa.window = 64;
      std::string dump = dump_text(sa);
      // What the receiver had reached when the dump was taken.
      const std::string hi = "seq-hi 0x0";
      if (const auto at = dump.find(hi); at != std::string::npos)
        dump.replace(at, hi.size(), "seq-hi 0x" + std::to_string(before >> 32));
      const Keystore store = store_of(dump);
      const Test test = test_of(store, {esp_frame(sa, before), esp_frame(sa, before + 1)});
      INFO(before << " " << algorithms);
      check_all(store, test);
      std::set<std::uint64_t> numbers;
      for (const Plant& plant : test.plants)
        if (plant.kind == "esn-boundary") numbers.insert(plant.sequence);
      const std::uint64_t edge = (before / 0x1'0000'0000 + 1) * 0x1'0000'0000;
      for (std::uint64_t number = edge - 5; number <= edge + 5; ++number) CHECK(numbers.count(number) == 1);
      CHECK(kinds_of(test).count("esn-wrong-cycle") == 1);
    }
  }
}

TEST_CASE("gateway_attack: in UDP checksums are right where they are not planted wrong") {
  for (const bool with_checksum : {true, false}) {
    const SaText sa = udp_sa();
    const Keystore store = store_of(dump_text(sa));
    std::vector<Octets> good;
    for (std::uint64_t n = 1; n <= 60; ++n) good.push_back(in_udp(sa, n, with_checksum));
    const Test test = test_of(store, good);
    check_all(store, test);
    const auto kinds = kinds_of(test);
    for (const char* kind : {"udp-no-checksum", "udp-bad-checksum", "esp-behind-marker", "keepalive"})
      CHECK(kinds.count(kind) == 1);
    std::map<std::uint64_t, std::string_view> planted;
    for (const Plant& plant : test.plants) planted[plant.frame] = plant.kind;
    for (std::uint64_t number = 1; number <= test.frames.size(); ++number) {
      const Octets& frame = test.frames[number - 1].bytes;
      const bool fragment = (frame[20] & 0x3f) != 0 || frame[21] != 0;
      if (fragment || read_u16(frame, 40) == 0) continue;
      INFO("frame " << number << " " << planted[number]);
      CHECK((sum_of(frame) == 0xffff) == (planted[number] != "udp-bad-checksum"));
    }
  }
}

TEST_CASE("gateway_attack: numbers that came in fragments are not given to others") {
  const SaText sa;
  const Keystore store = store_of(dump_text(sa));
  const Octets whole = esp_of(sa, 9, inner_v4(9, 400));
  const auto piece = [&](std::size_t from, std::size_t to, bool more) {
    return ethernet_frame(ipv4_packet(
        sa.source, sa.destination, 50,
        Octets{whole.begin() + static_cast<std::ptrdiff_t>(from), whole.begin() + static_cast<std::ptrdiff_t>(to)},
        {.id = 77, .mf = more, .offset = static_cast<std::uint16_t>(from)}));
  };
  const Test test = test_of(store, {esp_frame(sa, 8), piece(0, 240, true), piece(240, whole.size(), false)});
  check_all(store, test);
  for (const Plant& plant : test.plants)
    if (plant.kind == "next-number") CHECK(plant.sequence > 9);
}

TEST_CASE("gateway_attack: what expects either says why, and plants keep the order of the good packets") {
  const SaText sa = udp_sa();
  const Keystore store = store_of(dump_text(sa));
  std::vector<Octets> good;
  for (std::uint64_t n = 1; n <= 300; ++n) good.push_back(in_udp(sa, n, true));
  const Test test = test_of(store, good);
  for (const Plant& plant : test.plants) {
    INFO(plant.kind);
    if (plant.expected == PlantExpectation::either) CHECK(plant.detail.size() > 20);
    CHECK(plant.of >= 1);
    CHECK(plant.of <= good.size());
  }
  std::set<std::uint64_t> planted;
  for (const Plant& plant : test.plants) planted.insert(plant.frame);
  std::size_t next = 0, left_out = 0;
  for (std::uint64_t number = 1; number <= test.frames.size(); ++number) {
    const bool fragment = (test.frames[number - 1].bytes[20] & 0x3f) != 0 || test.frames[number - 1].bytes[21] != 0;
    if (planted.count(number) != 0 || fragment) continue;
    while (next < good.size() && good[next] != test.frames[number - 1].bytes) ++next, ++left_out;
    if (next == good.size()) break;  // what stands behind the capture
    ++next;
  }
  CHECK(next == good.size());
  const std::set<std::string_view> replacing{"stale", "late", "fragments-good", "udp-no-checksum", "udp-bad-checksum"};
  std::size_t replaced = 0;
  for (const Plant& plant : test.plants) replaced += replacing.count(plant.kind);
  CHECK(left_out == replaced);
  CHECK(replaced == replacing.size());
}
