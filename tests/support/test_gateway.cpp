#include "support/test_gateway.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "support/decoding.hpp"

namespace espdump::test {
namespace {

constexpr std::int64_t start = 1'700'000'000'000'000'000, millisecond = 1'000'000, microsecond = 1'000;
constexpr std::uint64_t wrap = std::uint64_t{1} << 32;

SaText plain_sa() { return {}; }
SaText esn_sa() {
  SaText sa;
  sa.spi = 0x2002;
  sa.algorithms = cbc_sha256;
  sa.esn = true;
  sa.window = 64;
  return sa;
}
// Of too few packets for anything to be planted.
SaText last_sa() {
  SaText sa;
  sa.spi = 0x4004;
  sa.algorithms = other_gcm;
  return sa;
}
SaText bare_sa() {
  SaText sa;
  sa.spi = 0x3003;
  sa.algorithms = cbc_alone;
  return sa;
}

Octets ike_frame(std::uint8_t number) {
  Octets message(28);
  for (std::size_t i = 0; i < 16; ++i) message[i] = static_cast<std::uint8_t>(i + 1);
  message[17] = 0x20;
  message[18] = 37;
  message[19] = 0x08;
  message[23] = number;
  message[27] = 28;
  return ethernet_frame(ipv4_packet("192.0.2.1", "192.0.2.2", 17, udp_datagram("", "", 500, 500, message)));
}

// One frame is one millisecond behind the other.
Frame frame_of(const TimedFrame& frame, std::uint64_t number) {
  return {number, 0, 0, Timestamp{frame.time}, 1, frame.bytes, frame.bytes.size()};
}

Keystore store_of(const std::string& keys) {
  Keystore store;
  (void)store.import_text("keys.txt", Bytes{reinterpret_cast<const std::uint8_t*>(keys.data()), keys.size()});
  store.seal();
  return store;
}

// Routers take one off the TTL.
Octets routed(Octets frame) {
  constexpr std::size_t ip = 14, ttl = 8, checksum = 10;
  --frame[ip + ttl];
  const std::uint32_t sum = (std::uint32_t{frame[ip + checksum]} << 8 | frame[ip + checksum + 1]) + 0x100;
  const std::uint32_t folded = (sum & 0xffff) + (sum >> 16);
  frame[ip + checksum] = static_cast<std::uint8_t>(folded >> 8);
  frame[ip + checksum + 1] = static_cast<std::uint8_t>(folded);
  return frame;
}

bool is_one_of(std::string_view kind, std::initializer_list<std::string_view> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool leaks(Defect defect, std::string_view kind) {
  switch (defect) {
    case Defect::leaks_bad_icv: return is_one_of(kind, {"flip-icv", "flip-iv", "flip-ciphertext", "far-ahead"});
    case Defect::leaks_replay: return is_one_of(kind, {"replay", "old-replay"});
    case Defect::leaks_stale: return kind == "stale";
    case Defect::leaks_unknown: return is_one_of(kind, {"unknown-spi", "flip-spi", "reserved-spi", "wrong-address"});
    case Defect::leaks_malformed: return is_one_of(kind, {"truncate-icv", "too-short", "extend"});
    case Defect::passes_fragments: return kind == "fragments-bad";
    default: return false;
  }
}

std::uint32_t spi_of(const Octets& frame) { return read_u32(frame, 34); }
std::uint32_t number_of(const Octets& frame) { return read_u32(frame, 38); }
bool is_esp(const Octets& frame) { return frame[23] == 50; }

class TestGateway {
 public:
  TestGateway(const GatewayScene& scene, Defect defect) : scene_(scene), defect_(defect) {
    for (const Plant& plant : scene.plants) plants_[plant.frame] = &plant;
  }

  Passed run() {
    for (std::uint64_t number = 1; number <= scene_.attack.size(); ++number) take(number);
    std::stable_sort(out_.wire.begin(), out_.wire.end(),
                     [](const TimedFrame& a, const TimedFrame& b) { return a.time < b.time; });
    return std::move(out_);
  }

 private:
  void pass(const TimedFrame& frame, std::int64_t after = 200 * microsecond) {
    out_.wire.push_back({routed(frame.bytes), frame.time + after});
  }

  // The second of two fragments belongs to the plant before it.
  const Plant* plant_at(std::uint64_t number) {
    const auto found = plants_.find(number);
    if (found != plants_.end()) return current_ = found->second;
    const bool fragment =
        is_esp(scene_.attack[number - 1].bytes) &&
        (scene_.attack[number - 1].bytes[21] != 0 || (scene_.attack[number - 1].bytes[20] & 0x3f) != 0);
    return fragment ? current_ : current_ = nullptr;
  }

  void take(std::uint64_t number) {
    const TimedFrame& frame = scene_.attack[number - 1];
    const Plant* plant = plant_at(number);
    const bool ike = !is_esp(frame.bytes);
    if (ike) return defect_ == Defect::blocks_ike ? blame(number) : pass(frame);
    if (spi_of(frame.bytes) == 0x3003) return defect_ == Defect::leaks_no_integrity ? leak(number) : void();
    if (plant != nullptr && plant->expected == PlantExpectation::drop) return take_bad(number, *plant);
    const bool whole = plant == nullptr || plant->kind != "fragments-good";
    ++good_;
    if (whole && spoil(number)) return;
    pass(frame);
  }

  void take_bad(std::uint64_t number, const Plant& plant) {
    if (plant.kind == "far-ahead" && plant.spi == 0x1001) newest_ = number_of(scene_.attack[number - 1].bytes);
    if (defect_ == Defect::passes_fragments && plant.kind == "fragments-bad" && plant.frame != number) {
      blame(number);  // the second fragment gets lost, the whole is never seen
      return;
    }
    if (leaks(defect_, plant.kind)) {
      if (defect_ == Defect::passes_fragments)
        pass(scene_.attack[number - 1]);
      else
        leak(number);
    }
  }

  void leak(std::uint64_t number) {
    blame(number);
    pass(scene_.attack[number - 1]);
  }
  void blame(std::uint64_t number) { out_.culprits.push_back(number); }

  // What a defect does to a good frame. True where that leaves nothing to be done.
  bool spoil(std::uint64_t number) {
    const TimedFrame& frame = scene_.attack[number - 1];
    const bool chosen = good_ == 50 || good_ == 90;
    switch (defect_) {
      case Defect::drops_good: return chosen && (blame(number), true);
      case Defect::modifies: return chosen && (modify(number, 14 + 20 + 30), true);
      case Defect::changes_header: return chosen && (modify(number, 14 + 8), true);
      case Defect::duplicates: return chosen && (leak(number), pass(frame, 300 * microsecond), true);
      case Defect::reorders: return chosen && (blame(number), pass(frame, 7 * millisecond), true);
      case Defect::injects: return chosen && (inject(number), false);
      case Defect::leaks_plaintext: return chosen && (leak_inner(number), false);
      case Defect::loses_cycle:
        return spi_of(frame.bytes) == 0x2002 && number_of(frame.bytes) < 0x8000'0000 && (blame(number), true);
      case Defect::advances_first: return spi_of(frame.bytes) == 0x1001 && newest_ != 0 && (blame(number), true);
      default: return false;
    }
  }

  void modify(std::uint64_t number, std::size_t byte) {
    TimedFrame changed = scene_.attack[number - 1];
    changed.bytes = routed(changed.bytes);
    changed.bytes[byte] ^= 0x04;
    blame(number);
    out_.wire.push_back({changed.bytes, changed.time + 200 * microsecond});
  }

  void inject(std::uint64_t number) {
    TimedFrame forged = scene_.attack[number - 1];
    for (std::size_t i = 38; i < forged.bytes.size(); ++i) forged.bytes[i] ^= 0x5a;
    pass(forged, 250 * microsecond);
  }

  void leak_inner(std::uint64_t number) {
    blame(number);
    // What esp_frame() seals is made of the number alone.
    const auto sequence = static_cast<std::uint16_t>(number_of(scene_.attack[number - 1].bytes));
    out_.wire.push_back(
        {routed(ethernet_frame(inner_v4(sequence, 200))), scene_.attack[number - 1].time + 250 * microsecond});
  }

  const GatewayScene& scene_;
  Defect defect_;
  std::map<std::uint64_t, const Plant*> plants_;
  const Plant* current_ = nullptr;
  std::uint32_t newest_ = 0;
  std::size_t good_ = 0;
  Passed out_;
};

}  // namespace

GatewayScene gateway_scene(bool with_unprotected_sa) {
  GatewayScene scene;
  scene.keys = dump_text(plain_sa()) + dump_text(esn_sa()) + dump_text(last_sa()) +
               (with_unprotected_sa ? dump_text(bare_sa()) : "");
  std::int64_t time = start;
  const auto add = [&](Octets frame) { scene.good.push_back({std::move(frame), time += millisecond}); };
  for (std::uint64_t n = 1; n <= 400; ++n) {
    add(esp_frame(plain_sa(), n, inner_v4(static_cast<std::uint16_t>(n), 200)));
    const std::uint64_t wide = wrap - 200 + n;
    add(esp_frame(esn_sa(), wide, inner_v4(static_cast<std::uint16_t>(wide), 200)));
    if (with_unprotected_sa && n % 40 == 0)
      add(esp_frame(bare_sa(), n / 40, inner_v4(static_cast<std::uint16_t>(n), 200)));
    if (n % 100 == 50) add(ike_frame(static_cast<std::uint8_t>(n / 100)));
  }
  // What ends a capture tells nothing of the packets just before.
  for (std::uint64_t n = 1; n <= 5; ++n) add(esp_frame(last_sa(), n));
  const Keystore store = store_of(scene.keys);
  Decoder decoder{store, DecoderOptions{true, false}};
  Packet packet;
  AttackMaker maker;
  for (std::uint64_t i = 0; i < scene.good.size(); ++i) {
    decoder.decode(frame_of(scene.good[i], i + 1), packet);
    maker.learn(packet, decoder);
  }
  maker.plan();
  for (std::uint64_t i = 0; i < scene.good.size(); ++i)
    maker.make(frame_of(scene.good[i], i + 1), [&](Timestamp when, Bytes bytes, std::size_t) {
      scene.attack.push_back({octets(bytes), when.nanoseconds});
    });
  maker.finish([&](Timestamp when, Bytes bytes, std::size_t) {
    scene.attack.push_back({octets(bytes), when.nanoseconds});
  });
  scene.plants = maker.planted();
  return scene;
}

Passed run_gateway(const GatewayScene& scene, Defect defect) { return TestGateway{scene, defect}.run(); }

Judged judge(const Keystore& keystore, const Wire& in, const Wire& out, const GatewayOptions& options) {
  Judged judged;
  const auto read = [&](const Wire& wire, GatewaySide& side) {
    Decoder decoder{keystore, DecoderOptions{false, true}};
    Packet packet;
    std::uint64_t number = 0;
    for (const TimedFrame& frame : wire) {
      decoder.decode(frame_of(frame, ++number), packet);
      side.take(packet, decoder);
    }
  };
  read(in, judged.ingress);
  read(out, judged.egress);
  judged.report = judge_gateway(judged.ingress, judged.egress, options);
  return judged;
}

}  // namespace espdump::test
