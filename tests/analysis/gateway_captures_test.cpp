// What captures do to the judgement: two directions, two clocks, packets lost or cut.
#include <algorithm>
#include <functional>
#include <random>
#include <string>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/gateway_frames.hpp"
#include "support/gateway_scene.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::int64_t hour = 3'600'000'000'000;  // nanoseconds
constexpr std::uint64_t packets = 600;

const SaText forth{};
const SaText back{"192.0.2.2", "192.0.2.1", 0x2002, "tunnel", cbc_sha256};
const Keystore& keys() {
  static const Keystore store = keystore_from(dump_of({forth, back}));
  return store;
}

// How a gateway changes what leaves it on the far side, and what comes in there. None: it is a router.
struct Nat {
  std::function<Octets(Octets)> out = [](Octets frame) { return frame; };
  std::function<Octets(Octets)> far = [](Octets frame) { return frame; };
};
const Nat translating{[](Octets frame) { return with_source(std::move(frame), "203.0.113.9"); },
                      [](Octets frame) { return with_destination(std::move(frame), "203.0.113.9"); }};

struct Talks {
  Passage it;
  FrameNumbers leaked, dropped;  // of the gateway, forwards
};

// 600 packets forwards, of which 20 are forged and 20 come twice; 400 backwards, of which some are forged, come twice,
// get lost in the gateway, or are of no SA.
Talks talks(bool faulty, const Nat& nat = {}) {
  Talks out;
  out.it.gap = 20'000'000;
  const auto from_far = [&](const Octets& frame, bool passes) {
    if (passes)
      out.it.back_as(nat.far(frame), routed(frame));
    else
      out.it.back_alone(nat.far(frame));
  };
  std::uint64_t sent_back = 0;
  for (std::uint64_t n = 1; n <= packets; ++n) {
    const Octets frame = esp_frame(forth, n);
    const bool lost = faulty && (n == 200 || n == 400);
    const std::uint64_t number = out.it.in(frame);
    if (lost) out.dropped.push_back(number);
    if (!lost) out.it.out(nat.out(routed(frame)));
    if (n % 30 == 11) {
      const std::uint64_t bad = out.it.in(forged(esp_frame(forth, n + 1)));
      if (faulty && n == 311) {
        out.leaked.push_back(bad);
        out.it.out(nat.out(routed(forged(esp_frame(forth, n + 1)))));
      }
    }
    if (n % 30 == 17) out.it.in(frame);
    if (n % 3 == 0) continue;
    const Octets answer = esp_frame(back, ++sent_back);
    from_far(answer, sent_back % 50 != 7);
    if (sent_back % 50 == 9) from_far(forged(answer), sent_back == 59);
    if (sent_back % 50 == 13) from_far(answer, sent_back == 63);
    if (sent_back % 50 == 21) from_far(esp_frame({back.source, back.destination, 0x999}, sent_back), false);
  }
  return out;
}

struct Clock {
  const char* name;
  std::int64_t shift;
  double drift;
};
constexpr Clock clocks[] = {{"one clock", 0, 0},        {"an hour behind", -hour, 0},
                            {"an hour ahead", hour, 0}, {"a little behind", -3'000'000, 0},
                            {"drifting", 0, 0.0002},    {"an hour ahead and drifting back", hour, -0.0003}};

}  // namespace

TEST_CASE("gateway captures: the other direction passes unchecked, whatever the clocks say") {
  for (const bool translated : {false, true}) {
    const Nat nat = translated ? translating : Nat{};
    const Talks good = talks(false, nat), faulty = talks(true, nat);
    for (const Clock& clock : clocks) {
      const Judged right = judge(keys(), sorted(good.it.ingress()), good.it.egress_by(clock.shift, clock.drift));
      INFO(clock.name << (translated ? ", NAT" : "") << "\n" << described(right));
      CHECK(right.report.pairs.two_ways);
      CHECK(right.report.verdict == GatewayVerdict::pass);
      CHECK(right.report.violations.empty());
      CHECK(right.report.forwarded == packets);
      CHECK(right.report.stopped == 40);
      CHECK(right.report.backward_out == 400 + 8 * 3);
      const Judged wrong = judge(keys(), sorted(faulty.it.ingress()), faulty.it.egress_by(clock.shift, clock.drift));
      INFO(described(wrong));
      CHECK(frames_of_code(wrong, codes::gateway_leaked_bad_icv) == faulty.leaked);
      CHECK(frames_of_code(wrong, codes::gateway_dropped_valid) == faulty.dropped);
      CHECK(wrong.report.violations.size() == 3);
    }
  }
}

TEST_CASE("gateway captures: directions are told by the TTL where times are those of a slow capture") {
  const Talks good = talks(false, translating);
  std::mt19937 random{3};
  Wire out = good.it.egress_by(0);
  for (TimedFrame& frame : out) frame.time += static_cast<std::int64_t>(random() % 80'000'000);
  const Judged judged = judge(keys(), sorted(good.it.ingress()), sorted(out));
  INFO(described(judged));
  CHECK(judged.report.violations.empty());
  CHECK(judged.report.forwarded >= packets - 5);
  CHECK(judged.report.backward_out == 424);
}

TEST_CASE("gateway captures: hosts of which only one speaks go the way that others show") {
  const SaText alone{"192.0.2.9", "192.0.2.8", 0x9009, "tunnel", other_gcm};
  const Keystore store = keystore_from(dump_of({forth, back, alone}));
  for (const bool routes : {true, false}) {
    Passage it;
    const auto hop = [&](const Octets& frame) { return routes ? routed(frame) : frame; };
    for (std::uint64_t n = 1; n <= 150; ++n) {
      it.in(esp_frame(forth, n));
      it.out(hop(esp_frame(forth, n)));
      it.back_as(esp_frame(back, n), hop(esp_frame(back, n)));
      it.back_as(esp_frame(alone, n), hop(esp_frame(alone, n)));
      if (n % 10 == 3) it.in(forged(esp_frame(forth, n)));
      if (n % 10 == 5) it.back_alone(forged(esp_frame(alone, n)));
      if (n % 10 == 7) it.back_as(forged(esp_frame(alone, n)), hop(forged(esp_frame(alone, n))));
    }
    for (const Clock& clock : clocks) {
      const Judged judged = judge(store, sorted(it.ingress()), it.egress_by(clock.shift, clock.drift));
      INFO(clock.name << "\n" << described(judged));
      CHECK(judged.report.violations.empty());
      CHECK(judged.report.verdict == GatewayVerdict::pass);
      CHECK(judged.report.esp_in == 165);
    }
  }
}

TEST_CASE("gateway captures: sides that are swapped are noticed with traffic both ways") {
  Passage it;
  it.gap = 20'000'000;
  for (std::uint64_t n = 1; n <= packets; ++n) {
    it.through(esp_frame(forth, n));
    if (n % 30 == 11) it.in(forged(esp_frame(forth, n)));
    if (n % 2 == 0) it.back(esp_frame(back, n / 2));
  }
  for (const Clock& clock : clocks) {
    const Judged judged = judge(keys(), it.egress_by(clock.shift, clock.drift), sorted(it.ingress()));
    INFO(clock.name << "\n" << described(judged));
    CHECK(judged.report.swapped);
    CHECK(judged.report.verdict == GatewayVerdict::inconclusive);
    CHECK(judged.report.violations.empty());
  }
}

TEST_CASE("gateway captures: sides that are swapped are noticed by the TTL, whatever the captures lost") {
  Passage it;
  for (std::uint64_t n = 1; n <= packets; ++n) {
    it.through(esp_frame(forth, n));
    if (n % 30 == 11) it.in(forged(esp_frame(forth, n)));
  }
  const Wire in = with_loss(sorted(it.ingress()), 0.02, 5), out = with_loss(sorted(it.egress()), 0.02, 6);
  for (const std::int64_t shift : {std::int64_t{0}, hour}) {
    const Judged judged = judge(keys(), moved(out, shift), in);
    INFO(described(judged));
    CHECK(judged.report.swapped);
    CHECK(judged.report.verdict == GatewayVerdict::inconclusive);
    CHECK(judged.report.violations.empty());
  }
}

TEST_CASE("gateway captures: packets cut by the snap length are not judged") {
  const Talks good = talks(false);
  const Wire in = sorted(good.it.ingress()), out = sorted(good.it.egress());
  const std::pair<Wire, Wire> captures[] = {{cut(in, 96), cut(out, 96)}, {cut(in, 96), out}, {in, cut(out, 96)}};
  for (const auto& [ingress, egress] : captures) {
    const Judged judged = judge(keys(), ingress, egress);
    INFO(described(judged));
    CHECK(judged.report.verdict == GatewayVerdict::inconclusive);
    CHECK(judged.report.violations.empty());
    CHECK(reasons(judged.report, "cut by the capture"));
  }
}

TEST_CASE("gateway captures: random loss of the egress capture is not held against the gateway") {
  const Talks good = talks(false);
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    const Judged judged = judge(keys(), sorted(good.it.ingress()), with_loss(sorted(good.it.egress()), 0.02, seed));
    INFO("seed " << seed << "\n" << described(judged));
    CHECK(judged.report.verdict == GatewayVerdict::inconclusive);
    CHECK(judged.report.violations.empty());
    CHECK(doubted(judged.report, GatewayDoubt::capture_loss) != 0);
  }
}

TEST_CASE("gateway captures: what the gateway doubles on the way back is no loss of the capture") {
  Passage it;
  FrameNumbers dropped;
  for (std::uint64_t n = 1; n <= 200; ++n) {
    const Octets frame = esp_frame(forth, n), answer = esp_frame(back, n);
    const std::uint64_t number = it.in(frame);
    if (n % 50 != 20) it.out(routed(frame));
    if (n % 50 == 20) dropped.push_back(number);
    it.back(answer);
    if (n % 40 == 10) it.in(routed(answer));
  }
  const Judged judged = it.judged(keys());
  INFO(described(judged));
  CHECK(judged.report.verdict == GatewayVerdict::fail);
  CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == dropped);
  CHECK(judged.report.violations.size() == dropped.size());
}

TEST_CASE("gateway captures: where the snap length cuts only large packets, the small ones are judged") {
  Passage it;
  FrameNumbers leaked;
  for (std::uint64_t n = 1; n <= 300; ++n) {
    const Octets frame = esp_frame(forth, n, inner_v4(static_cast<std::uint16_t>(n), n % 3 == 0 ? 400 : 40));
    it.through(frame);
    if (n % 10 == 4) it.in(forged(frame));
    if (n % 10 == 6) it.in(frame);
    if (n != 152 && n != 155) continue;
    leaked.push_back(it.through(n == 152 ? forged(frame) : frame));
  }
  const Wire in = sorted(it.ingress()), out = sorted(it.egress());
  const std::pair<Wire, Wire> captures[] = {{cut(in, 200), cut(out, 200)}, {cut(in, 200), out}, {in, cut(out, 200)}};
  for (const auto& [ingress, egress] : captures) {
    const Judged judged = judge(keys(), ingress, egress);
    INFO(described(judged));
    CHECK(judged.report.verdict == GatewayVerdict::fail);
    FrameNumbers found = frames_of_code(judged, codes::gateway_leaked_bad_icv);
    for (const std::uint64_t frame : frames_of_code(judged, codes::gateway_leaked_replay)) found.push_back(frame);
    CHECK(found == leaked);
    CHECK(judged.report.violations.size() == 2);
    CHECK(reasons(judged.report, "cut by the capture"));
  }
}

TEST_CASE("gateway captures: what the ingress capture lost was not injected, and its replays are replays") {
  const Talks good = talks(false);
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Wire out = run_gateway(scene, Defect::none).wire;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    const Judged both = judge(keys(), with_loss(sorted(good.it.ingress()), 0.02, seed), sorted(good.it.egress()));
    INFO("seed " << seed << "\n" << described(both));
    CHECK(both.report.verdict == GatewayVerdict::inconclusive);
    CHECK(both.report.violations.empty());
    const Judged one = judge(store, with_loss(scene.attack, 0.02, seed), out);
    INFO(described(one));
    CHECK(one.report.verdict == GatewayVerdict::inconclusive);
    CHECK(one.report.violations.empty());
    CHECK(doubted(one.report, GatewayDoubt::not_captured) != 0);
  }
}

TEST_CASE("gateway captures: the first and the last packet of an SA may be those that the ingress capture lost") {
  const SaText other{forth.source, forth.destination, back.spi, "tunnel", cbc_sha256};
  Passage it;
  for (std::uint64_t n = 1; n <= 60; ++n) {
    it.through(esp_frame(other, n));
    if (n < 20 || n > 40) continue;
    const Octets frame = routed(esp_frame(forth, n));
    if (n == 20 || n == 30 || n == 40)
      it.out(frame);
    else
      it.through(esp_frame(forth, n));
  }
  const Keystore store = keystore_from(dump_of({forth, other}));
  const Judged judged = it.judged(store);
  INFO(described(judged));
  CHECK(judged.report.verdict == GatewayVerdict::inconclusive);
  CHECK(judged.report.violations.empty());
  CHECK(doubted(judged.report, GatewayDoubt::not_captured) == 3);
}

TEST_CASE("gateway captures: an outage of several flows is no verdict, one of a single flow is") {
  const SaText second_flow{"192.0.2.1", "192.0.2.3", 0x3003, "tunnel", other_gcm};
  const Keystore store = keystore_from(dump_of({forth, second_flow}));
  for (const bool several : {true, false}) {
    Passage it;
    it.gap = 10'000'000;
    FrameNumbers lost;
    for (std::uint64_t n = 1; n <= 200; ++n) {
      const bool out = n < 100 || n >= 120;
      for (const SaText* sa : {&forth, &second_flow}) {
        if (sa == &second_flow && !several) continue;
        const Octets frame = esp_frame(*sa, n);
        const std::uint64_t number = it.in(frame);
        if (out) it.out(routed(frame));
        if (!out) lost.push_back(number);
      }
    }
    const Judged judged = it.judged(store);
    INFO(described(judged));
    CHECK(judged.report.verdict == (several ? GatewayVerdict::inconclusive : GatewayVerdict::fail));
    CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == (several ? FrameNumbers{} : lost));
    CHECK(doubted(judged.report, GatewayDoubt::silence) == (several ? 40 : 0));
  }
}

TEST_CASE("gateway captures: a generation whose keys are not at hand is not judged, nor held against the others") {
  const SaText before{"192.0.2.1", "192.0.2.2", 0x7007, "tunnel", other_gcm};
  for (const bool passes : {true, false}) {
    Passage it;
    for (std::uint64_t n = 1; n <= 100; ++n) {
      it.in(esp_frame(before, 900 + n));
      if (passes) it.out(routed(esp_frame(before, 900 + n)));
      it.through(esp_frame(forth, n));
      if (n % 20 == 5) it.in(forged(esp_frame(forth, n)));
    }
    const Judged judged = it.judged(keys());
    INFO(described(judged));
    CHECK(judged.report.verdict == (passes ? GatewayVerdict::inconclusive : GatewayVerdict::pass));
    CHECK(judged.report.violations.empty());
    CHECK(doubted(judged.report, GatewayDoubt::no_sa) == 100);
    CHECK(reasons(judged.report, "take the keys again") == passes);
  }
}

TEST_CASE("gateway captures: packets that come in disorder are as good as others while the window has them") {
  const SaText wide{"192.0.2.1", "192.0.2.2", 0x8008, "tunnel", other_gcm, 64};
  const Keystore store = keystore_from(dump_text(wide));
  std::mt19937 random{7};
  std::vector<std::uint64_t> order;
  for (std::uint64_t n = 1; n <= 600; ++n) order.push_back(n);
  for (std::size_t from = 0; from < order.size(); from += 30)
    std::shuffle(order.begin() + static_cast<std::ptrdiff_t>(from),
                 order.begin() + static_cast<std::ptrdiff_t>(from + 30), random);
  for (const bool faulty : {false, true}) {
    Passage it;
    FrameNumbers leaked, dropped;
    for (std::size_t at = 0; at < order.size(); ++at) {
      const Octets frame = esp_frame(wide, order[at]);
      const bool lost = faulty && at % 100 == 60;
      const std::uint64_t number = it.in(frame);
      if (lost) dropped.push_back(number);
      if (!lost) it.out(routed(frame));
      if (at % 40 != 39) continue;
      const Octets again = esp_frame(wide, order[at - 25]);
      const bool leaks = faulty && at == 319;
      const std::uint64_t replay = it.in(again);
      if (leaks) leaked.push_back(replay);
      if (leaks) it.out(routed(again));
    }
    const Judged judged = it.judged(store);
    INFO(described(judged));
    CHECK(judged.report.verdict == (faulty ? GatewayVerdict::fail : GatewayVerdict::pass));
    CHECK(frames_of_code(judged, codes::gateway_leaked_replay) == leaked);
    CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == dropped);
    CHECK(judged.report.violations.size() == leaked.size() + dropped.size());
    CHECK(judged.report.hints.empty());
    CHECK(judged.report.reordering.packets == 0);
  }
}
