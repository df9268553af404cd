#include "analysis/gateway.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <espdump/codes.hpp>

#include "report/gateway_report.hpp"
#include "support/catch.hpp"
#include "support/decoding.hpp"
#include "support/gateway_scene.hpp"
#include "support/test_gateway.hpp"

using namespace espdump;
using namespace espdump::test;

TEST_CASE("gateway: a test made of a good capture holds every kind of bad packet") {
  const GatewayScene scene = gateway_scene();
  std::set<std::string_view> kinds;
  for (const Plant& plant : scene.plants) kinds.insert(plant.kind);
  for (const char* kind : {"flip-spi",         "flip-sequence", "flip-iv",        "flip-ciphertext",
                           "flip-trailer",     "flip-icv",      "far-ahead",      "unknown-spi",
                           "reserved-spi",     "truncate-icv",  "too-short",      "extend",
                           "replay",           "old-replay",    "stale",          "late",
                           "wrong-address",    "number-zero",   "fragments-good", "fragments-bad",
                           "fragments-overlap"}) {
    INFO(kind);
    CHECK(kinds.count(kind) == 1);
  }
  for (std::size_t i = 1; i < scene.attack.size(); ++i) CHECK(scene.attack[i].time > scene.attack[i - 1].time);
}

TEST_CASE("gateway: one that does its duty passes, and all it was shown is named") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Passed passed = run_gateway(scene, Defect::none);
  const Judged judged = judge(store, scene.attack, passed.wire);
  INFO(described(judged));
  CHECK(judged.report.violations.empty());
  CHECK(judged.report.verdict == GatewayVerdict::pass);
  for (const GatewayClass is :
       {GatewayClass::bad_icv, GatewayClass::far_ahead, GatewayClass::replay, GatewayClass::old_replay,
        GatewayClass::stale, GatewayClass::unknown_spi, GatewayClass::wrong_address, GatewayClass::malformed}) {
    INFO(to_string(is));
    CHECK(exercised(judged.report, is) != 0);
  }
  CHECK(judged.report.fragmented != 0);
  CHECK(judged.report.hints.empty());
  CHECK(judged.report.latency.median == 200'000);
}

TEST_CASE("gateway: another order is worth knowing, no violation") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Judged judged = judge(store, scene.attack, run_gateway(scene, Defect::reorders).wire);
  INFO(described(judged));
  CHECK(judged.report.verdict == GatewayVerdict::pass);
  CHECK(judged.report.reordering.packets == 2);
  CHECK(judged.report.reordering.most_places >= 2);
}

TEST_CASE("gateway: the window that is given counts, and others are told of") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Wire out = run_gateway(scene, Defect::leaks_stale).wire;
  CHECK(judge(store, scene.attack, out).report.verdict == GatewayVerdict::fail);
  const Judged wide = judge(store, scene.attack, out, GatewayOptions{1000, 0});
  INFO(described(wide));
  CHECK(wide.report.verdict == GatewayVerdict::pass);
  REQUIRE(wide.report.what_ifs.size() == 3);
  CHECK(wide.report.what_ifs[2].window == 128);
  CHECK(wide.report.what_ifs[2].leaked == 2);
}

TEST_CASE("gateway: loss is allowed as far as it was said to be, and nothing else is") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Wire out = run_gateway(scene, Defect::drops_good).wire;
  GatewayOptions options;
  options.allowed_loss = 0.01;
  const Judged allowed = judge(store, scene.attack, out, options);
  CHECK(allowed.report.verdict == GatewayVerdict::pass);
  CHECK(allowed.report.violations.size() == 2);
  CHECK_THAT(described(allowed), Catch::Contains("2 of 8") && Catch::Contains("no more than the 1 % that are allowed"));
  options.allowed_loss = 0.0001;
  CHECK(judge(store, scene.attack, out, options).report.verdict == GatewayVerdict::fail);
  options.allowed_loss = 1;
  const Wire leaks = run_gateway(scene, Defect::leaks_replay).wire;
  CHECK(judge(store, scene.attack, leaks, options).report.verdict == GatewayVerdict::fail);
}

TEST_CASE("gateway: a replay names what it repeats") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Judged judged = judge(store, scene.attack, run_gateway(scene, Defect::leaks_replay).wire);
  std::map<std::uint64_t, const Plant*> plants;
  for (const Plant& plant : scene.plants) plants[plant.frame] = &plant;
  std::size_t told = 0;
  for (const GatewayViolation& it : judged.report.violations) {
    REQUIRE(it.repeats != no_record);
    const GatewayRecord& replay = judged.ingress.records()[it.in];
    const GatewayRecord& first = judged.ingress.records()[it.repeats];
    CHECK(first.frame < replay.frame);
    CHECK(first.sequence == plants.at(replay.frame)->sequence);
    CHECK(first.digest == replay.digest);
    ++told;
  }
  CHECK(told >= 3);
}

TEST_CASE("gateway: what may go either way is held against nobody") {
  SaText sa;
  sa.line = "encap type espinudp sport 4500 dport 4500 addr 0.0.0.0";
  const Keystore store = keystore_from(dump_text(sa));
  Wire in, out;
  for (std::uint64_t n = 1; n <= 40; ++n) {
    Octets udp = udp_datagram(sa.source, sa.destination, 4500, 4500, esp_of(sa, n, inner_v4(1, 80)));
    if (n % 10 == 5) udp[6] ^= 0x11;
    Octets frame = ethernet_frame(ipv4_packet(sa.source, sa.destination, 17, udp));
    const std::int64_t time = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(n) * 1'000'000;
    in.push_back({frame, time});
    if (n != 15) out.push_back({frame, time + 100'000});
  }
  const Judged judged = judge(store, in, out);
  INFO(described(judged));
  CHECK(judged.report.verdict == GatewayVerdict::pass);
  CHECK(judged.report.doubts[static_cast<std::size_t>(GatewayDoubt::checksum)] == 4);
  // The number of one that was stopped is not taken: its packet may come once more.
  in.push_back({ethernet_frame(
                    ipv4_packet(sa.source, sa.destination, 17,
                                udp_datagram(sa.source, sa.destination, 4500, 4500, esp_of(sa, 15, inner_v4(1, 80))))),
                in.back().time + 1'000'000});
  out.push_back({in.back().bytes, in.back().time + 100'000});
  CHECK(judge(store, in, out).report.verdict == GatewayVerdict::pass);
  // Where all are wrong it is the capture: what is missing is missing.
  in.pop_back();
  out.pop_back();
  for (TimedFrame& frame : in) frame.bytes[40] ^= 0x11;
  for (TimedFrame& frame : out) frame.bytes[40] ^= 0x11;
  CHECK(frames_of_code(judge(store, in, out), codes::gateway_dropped_valid) == std::vector<std::uint64_t>{15});
}

TEST_CASE("gateway: a packet that an ICMP error calls too large was not dropped in silence") {
  const SaText sa;
  const Keystore store = keystore_from(dump_text(sa));
  Wire in, out;
  std::int64_t time = 1'700'000'000'000'000'000;
  for (std::uint64_t n = 1; n <= 30; ++n) {
    const Octets packet = ipv4_packet(sa.source, sa.destination, 50, esp_of(sa, n, inner_v4(1, n == 10 ? 1300 : 80)),
                                      {.id = static_cast<std::uint16_t>(n), .df = true});
    in.push_back({ethernet_frame(packet), time += 1'000'000});
    if (n != 10) out.push_back({in.back().bytes, time + 100'000});
    if (n != 10) continue;
    Octets error{3, 4, 0, 0, 0, 0, 0x04, 0xb0};
    error.insert(error.end(), packet.begin(), packet.begin() + 28);
    in.push_back({ethernet_frame(ipv4_packet("192.0.2.77", sa.source, 1, error)), time + 50'000});
  }
  const Judged told = judge(store, in, out);
  INFO(described(told));
  CHECK(told.report.verdict == GatewayVerdict::pass);
  CHECK(told.report.doubts[static_cast<std::size_t>(GatewayDoubt::too_large)] == 1);
  in.erase(in.begin() + 10);
  CHECK(frames_of_code(judge(store, in, out), codes::gateway_dropped_valid) == std::vector<std::uint64_t>{10});
}

TEST_CASE("gateway: what a selector is for may not leave in the clear, unless it came so") {
  SaText sa;
  sa.selector = "src 10.1.0.0/16 dst 10.2.0.0/16";
  const Keystore store = keystore_from(dump_text(sa));
  const auto clear = [](const char* from, const char* to) {
    return ethernet_frame(ipv4_packet(from, to, 1, icmp_echo(7, 7, Octets(20, 1))));
  };
  Wire in, out;
  std::int64_t time = 1'700'000'000'000'000'000;
  for (std::uint64_t n = 1; n <= 30; ++n) {
    in.push_back({esp_frame(sa, n), time += 1'000'000});
    out.push_back({in.back().bytes, time + 100'000});
    if (n == 10 || n == 11) out.push_back({clear(n == 10 ? "10.1.0.9" : "10.9.0.9", "10.2.0.9"), time + 200'000});
    if (n != 20) continue;
    in.push_back({clear("10.1.0.8", "10.2.0.8"), time + 300'000});
    out.push_back({in.back().bytes, time + 400'000});
  }
  const Judged judged = judge(store, in, out);
  INFO(described(judged));
  REQUIRE(judged.report.violations.size() == 1);
  CHECK(judged.report.violations.front().info == &codes::gateway_leaked_plaintext);
  CHECK(judged.egress.clear()[judged.report.violations.front().out].frame == 11);
  CHECK_THAT(described(judged), Catch::Contains("out 11"));
}

TEST_CASE("gateway: bad ICVs in a row at the end are of another generation only where numbers begin again") {
  const SaText sa;
  SaText other;
  other.algorithms = other_gcm;
  SaText last;
  last.spi = 0x4004;
  const Keystore store = keystore_from(dump_text(sa) + dump_text(last));
  for (const std::uint64_t begin : {std::uint64_t{31}, std::uint64_t{1}}) {
    Wire in, out;
    std::int64_t time = 1'700'000'000'000'000'000;
    const auto pass = [&](Octets frame) {
      in.push_back({std::move(frame), time += 1'000'000});
      out.push_back({in.back().bytes, time + 100'000});
    };
    for (std::uint64_t n = 1; n <= 30; ++n) pass(esp_frame(sa, n));
    for (std::uint64_t n = begin; n < begin + 6; ++n) pass(esp_frame(other, n));
    pass(esp_frame(last, 1));
    const Judged judged = judge(store, in, out);
    INFO(begin << "\n" << described(judged));
    CHECK(judged.report.verdict == (begin == 1 ? GatewayVerdict::inconclusive : GatewayVerdict::fail));
  }
}

TEST_CASE("gateway: clocks that differ and drift are corrected") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  Wire in = scene.attack, out = run_gateway(scene, Defect::drops_good).wire;
  const std::int64_t begin = in.front().time;
  for (TimedFrame& frame : in) frame.time += 20 * (frame.time - begin);
  for (TimedFrame& frame : out) frame.time += 20 * (frame.time - begin);
  for (TimedFrame& frame : out) frame.time += -3'600'000'000'000 + (frame.time - begin) / 2000;
  const Judged judged = judge(store, in, out);
  INFO(described(judged));
  CHECK(judged.report.verdict == GatewayVerdict::fail);
  CHECK(codes_of(judged.report) == std::set<std::string>{"gateway.dropped-valid"});
  CHECK(judged.report.pairs.clock.basis == GatewayClock::Basis::fastest);
  CHECK(judged.report.pairs.clock.drift == Approx(0.0005).epsilon(0.01));
  CHECK(judged.report.pairs.clock.shift < -3'599'000'000'000);
}

TEST_CASE("gateway: captures that begin and end at other times are judged where both ran") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Wire all = run_gateway(scene, Defect::none).wire;
  const auto middle = [](const Wire& wire, std::size_t from, std::size_t to) {
    return Wire{wire.begin() + static_cast<std::ptrdiff_t>(from), wire.begin() + static_cast<std::ptrdiff_t>(to)};
  };
  const Judged late_egress = judge(store, scene.attack, middle(all, 200, 600));
  INFO(described(late_egress));
  CHECK(late_egress.report.verdict == GatewayVerdict::pass);
  CHECK(late_egress.report.doubts[static_cast<std::size_t>(GatewayDoubt::outside)] > 300);
  const Judged late_ingress = judge(store, middle(scene.attack, 200, 600), all);
  INFO(described(late_ingress));
  CHECK(late_ingress.report.verdict == GatewayVerdict::pass);
}

TEST_CASE("gateway: what a capture has twice counts once") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const auto doubled = [](const Wire& wire) {
    Wire out;
    out.reserve(2 * wire.size());
    for (const TimedFrame& frame : wire) {
      out.push_back(frame);
      out.push_back({frame.bytes, frame.time + 10'000});
    }
    return out;
  };
  const Judged judged = judge(store, doubled(scene.attack), doubled(run_gateway(scene, Defect::duplicates).wire));
  INFO(described(judged));
  CHECK(codes_of(judged.report) == std::set<std::string>{"gateway.duplicated"});
  CHECK(judged.report.violations.size() == 2);
}

TEST_CASE("gateway: what cannot be judged is not guessed") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Wire out = run_gateway(scene, Defect::none).wire;
  const auto reason = [](const Judged& judged) {
    CHECK(judged.report.verdict == GatewayVerdict::inconclusive);
    CHECK(judged.report.violations.empty());
    return judged.report.reasons.empty() ? std::string{} : judged.report.reasons.front();
  };
  CHECK_THAT(reason(judge(store, {}, out)), Catch::Contains("the ingress capture is empty"));
  CHECK_THAT(reason(judge(store, scene.attack, {})), Catch::Contains("the egress capture is empty"));
  CHECK_THAT(reason(judge(store, out, scene.attack)), Catch::Contains("swapped"));
  const Keystore others = keystore_from(dump_text({.spi = 0x9999, .algorithms = other_gcm}));
  CHECK_THAT(reason(judge(others, scene.attack, out)), Catch::Contains("no packet verifies under the keys"));
  const Keystore wrong = keystore_from(dump_text({.algorithms = other_gcm}));
  CHECK_THAT(reason(judge(wrong, scene.attack, out)), Catch::Contains("no packet verifies under the keys"));
  const GatewayScene other = gateway_scene({.with_unprotected_sa = true});
  Wire elsewhere;
  for (std::uint64_t n = 1; n < 50; ++n) elsewhere.push_back({esp_frame({.spi = 0x7007}, n), scene.attack[n].time});
  CHECK_THAT(reason(judge(store, scene.attack, elsewhere)), Catch::Contains("no packet is in both captures"));
}

TEST_CASE("gateway: packets that the captures lost are not held against it") {
  const GatewayScene scene = gateway_scene();
  const Keystore store = keystore_from(scene.keys);
  const Wire out = run_gateway(scene, Defect::none).wire;
  Wire in;
  for (std::size_t i = 0; i < scene.attack.size(); ++i)
    if (i % 97 != 50) in.push_back(scene.attack[i]);
  const Judged judged = judge(store, in, out);
  INFO(described(judged));
  CHECK(judged.report.verdict == GatewayVerdict::inconclusive);
  CHECK(judged.report.doubts[static_cast<std::size_t>(GatewayDoubt::not_captured)] != 0);
}

TEST_CASE("gateway: where two packets differ is told in fields") {
  const Octets one(60, 1);
  Octets other = one;
  CHECK(difference_text(one, other, nullptr).empty());
  other[2] = other[6] = other[40] = other[41] = 0;
  CHECK(difference_text(one, other, nullptr) == "byte 2 (SPI), byte 6 (sequence number), bytes 40-41 (sealed)");
  other.resize(56);
  CHECK_THAT(difference_text(one, other, nullptr), Catch::Contains("length 60 > 56"));
}
