#include "support/test_gateway.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "support/decoding.hpp"
#include "support/gateway_frames.hpp"

namespace espdump::test {
namespace {

constexpr std::int64_t start = 1'700'000'000'000'000'000, millisecond = 1'000'000, microsecond = 1'000;
constexpr std::uint64_t wrap = std::uint64_t{1} << 32;

// The SAs of a scene: as the gateway's far side knows them.
struct SceneSas {
  SaText plain, esn, last, bare;
  explicit SceneSas(const SceneOptions& options) {
    esn.spi = 0x2002;
    esn.algorithms = cbc_sha256;
    esn.esn = true;
    esn.window = 64;
    last.spi = 0x4004;  // of too few packets for anything to be planted
    last.algorithms = other_gcm;
    bare.spi = 0x3003;
    bare.algorithms = cbc_alone;
    if (options.keys != KeyForm::whole) plain.algorithms = last.algorithms = cbc_sha256;
    for (SaText* sa : {&plain, &esn, &last, &bare}) {
      if (options.outer == Outer::ipv6) {
        sa->source = "2001:db8::1";
        sa->destination = "2001:db8::2";
      } else if (options.outer == Outer::udp) {
        sa->source = "203.0.113.9";
        sa->line = "encap type espinudp sport 31000 dport 4500 addr 0.0.0.0";
      }
    }
  }
};

// What comes in: in front of the NAT the sender has another address.
Octets framed(const SceneOptions& options, std::uint64_t number, std::uint8_t protocol, const Octets& payload) {
  const auto id = static_cast<std::uint16_t>(number * 7);
  if (options.outer == Outer::ipv6 && number % 2 == 0)
    return ethernet_frame(ipv6_packet("2001:db8::1", "2001:db8::2", protocol, payload));
  if (options.outer == Outer::ipv6) {
    Octets extended{protocol, 0, 1, 4, 0, 0, 0, 0};  // hop-by-hop options: padding
    extended.insert(extended.end(), payload.begin(), payload.end());
    return ethernet_frame(ipv6_packet("2001:db8::1", "2001:db8::2", 0, extended, {.flow_label = 0x12345}));
  }
  return ethernet_frame(ipv4_packet("192.0.2.1", "192.0.2.2", protocol, payload, {.id = id}));
}

Octets framed_udp(const SceneOptions& options, std::uint64_t number, std::uint16_t port, const Octets& payload) {
  const bool v6 = options.outer == Outer::ipv6;
  return framed(options, number, 17,
                udp_datagram(v6 ? "2001:db8::1" : "192.0.2.1", v6 ? "2001:db8::2" : "192.0.2.2", port, port, payload));
}

Octets framed_esp(const SceneOptions& options, const SaText& sa, std::uint64_t number) {
  const Octets esp = esp_of(sa, number, inner_v4(static_cast<std::uint16_t>(number), 200));
  return options.outer == Outer::udp ? framed_udp(options, number, 4500, esp) : framed(options, number, 50, esp);
}

Octets ike_frame(const SceneOptions& options, std::uint8_t number) {
  Octets message(28);
  for (std::size_t i = 0; i < 16; ++i) message[i] = static_cast<std::uint8_t>(i + 1);
  message[17] = 0x20;
  message[18] = 37;
  message[19] = 0x08;
  message[23] = number;
  message[27] = 28;
  if (options.outer != Outer::udp) return framed_udp(options, number, 500, message);
  message.insert(message.begin(), 4, 0);
  return framed_udp(options, number, 4500, message);
}

// One frame is one millisecond behind the other.
Frame frame_of(const TimedFrame& frame, std::uint64_t number) {
  return {number, 0, 0, Timestamp{frame.time}, 1, frame.bytes, std::max(frame.claimed, frame.bytes.size())};
}

Keystore store_of(const std::string& keys) {
  Keystore store;
  (void)store.import_text("keys.txt", Bytes{reinterpret_cast<const std::uint8_t*>(keys.data()), keys.size()});
  store.seal();
  return store;
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

std::uint32_t spi_of(const Octets& frame) { return read_u32(frame, parts_of(frame).payload); }
std::uint32_t number_of(const Octets& frame) { return read_u32(frame, parts_of(frame).payload + 4); }

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
    out_.wire.push_back({forwarded(frame), frame.time + after});
  }

  // What the gateway makes of the headers.
  [[nodiscard]] Octets forwarded(const TimedFrame& frame) const {
    Octets out = routed(frame.bytes);
    if (scene_.options.outer == Outer::udp) {
      const bool early = frame.time < scene_.attack[scene_.attack.size() / 2].time;
      return with_source(std::move(out), "203.0.113.9", early ? 31000 : 31001);
    }
    const bool unlabelled = scene_.options.outer == Outer::ipv6 && (read_u32(out, 14) & 0xfffff) == 0;
    return unlabelled ? with_flow_label(std::move(out), 0x54321) : out;
  }

  // The second of two fragments belongs to the plant before it.
  const Plant* plant_at(std::uint64_t number) {
    const auto found = plants_.find(number);
    if (found != plants_.end()) return current_ = found->second;
    const bool fragment = parts_of(scene_.attack[number - 1].bytes).fragment;
    return fragment ? current_ : current_ = nullptr;
  }

  void take(std::uint64_t number) {
    const TimedFrame& frame = scene_.attack[number - 1];
    const Plant* plant = plant_at(number);
    const FrameParts parts = parts_of(frame.bytes);
    const bool keepalive = parts.udp && parts.first && parts.end < parts.payload + 4;
    const bool harmless = plant != nullptr && plant->expected == PlantExpectation::either;
    if (keepalive || harmless) return pass(frame);
    if (parts.udp && !parts.fragment && !parts.is_esp(frame.bytes))
      return defect_ == Defect::blocks_ike ? blame(number) : pass(frame);
    if (parts.first && spi_of(frame.bytes) == 0x3003)
      return defect_ == Defect::leaks_no_integrity ? leak(number) : void();
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
    const FrameParts parts = parts_of(frame.bytes);
    switch (defect_) {
      case Defect::drops_good: return chosen && (blame(number), true);
      case Defect::modifies: return chosen && (modify(number, parts.payload + 30), true);
      case Defect::changes_header: return chosen && (modify(number, parts.ip + (parts.ipv4 ? 8 : 7)), true);
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
    blame(number);
    changed.bytes[byte] ^= 0x04;
    pass(changed);
  }

  void inject(std::uint64_t number) {
    TimedFrame forged = scene_.attack[number - 1];
    for (std::size_t i = parts_of(forged.bytes).payload + 4; i < forged.bytes.size(); ++i) forged.bytes[i] ^= 0x5a;
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

void plant(GatewayScene& scene, const std::string& keys) {
  const Keystore store = store_of(keys);
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
}

}  // namespace

std::string without_ciphers(std::string dump, KeyForm form) {
  if (form == KeyForm::whole) return dump;
  std::size_t at = 0;
  while ((at = dump.find("\tenc ", at)) != std::string::npos) {
    const std::size_t end = dump.find('\n', at);
    const bool checked = dump.compare(end + 1, 6, "\tauth-") == 0;  // who has no integrity keeps what it has
    if (checked) dump.replace(at, end + 1 - at, form == KeyForm::null_cipher ? "\tenc ecb(cipher_null)\n" : "");
    at = end;
  }
  return dump;
}

GatewayScene gateway_scene(const SceneOptions& options) {
  GatewayScene scene;
  const SceneSas sas{options};
  scene.options = options;
  const std::string keys = dump_text(sas.plain) + dump_text(sas.esn) + dump_text(sas.last) +
                           (options.with_unprotected_sa ? dump_text(sas.bare) : "");
  std::int64_t time = start;
  const auto add = [&](Octets frame) { scene.good.push_back({std::move(frame), time += millisecond}); };
  for (std::uint64_t n = 1; n <= 400; ++n) {
    add(framed_esp(options, sas.plain, n));
    add(framed_esp(options, sas.esn, wrap - 200 + n));
    if (options.with_unprotected_sa && n % 40 == 0) add(framed_esp(options, sas.bare, n / 40));
    if (n % 100 == 50) add(ike_frame(options, static_cast<std::uint8_t>(n / 100)));
  }
  // What ends a capture tells nothing of the packets just before.
  for (std::uint64_t n = 1; n <= 5; ++n) add(framed_esp(options, sas.last, n));
  plant(scene, keys);
  scene.keys = without_ciphers(keys, options.keys);
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
