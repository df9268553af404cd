// A gateway through the life of SAs: rekeys, an SPI with other keys, numbers beyond 2^32; and under load.
#include <algorithm>
#include <set>
#include <string>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/gateway_frames.hpp"
#include "support/gateway_scene.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::uint64_t cycle = std::uint64_t{1} << 32;
const std::string sha1 =
    "enc cbc(aes) 0x1f0b6ad3c2957e4488a1d05c7e2f9b36 / auth-trunc hmac(sha1) "
    "0x88a1d05c7e2f9b361f0b6ad3c2957e44aa00bb11 "
    "96";

SaText generation(std::size_t n) {
  SaText sa;
  sa.spi = static_cast<std::uint32_t>(0x1001 + 0x1000 * n);
  sa.algorithms = n == 0 ? gcm : n == 1 ? other_gcm : sha1;
  return sa;
}

// Sends packets to a gateway and lets it decide.
struct Sender {
  Passage it;
  FrameNumbers dropped, leaked;

  void good(const Octets& frame, bool passes = true) {
    const std::uint64_t number = it.in(frame);
    if (passes)
      it.out(routed(frame));
    else
      dropped.push_back(number);
  }
  void bad(const Octets& frame, bool passes = false) {
    const std::uint64_t number = it.in(frame);
    if (!passes) return;
    it.out(routed(frame));
    leaked.push_back(number);
  }
};

// Three generations of 100 packets; the last ten of each come between the first ten of the next. A gateway that learns
// keys late drops the first packets of each but the first, which began before the capture.
Sender rekeys(std::uint64_t late) {
  Sender out;
  std::uint64_t numbers[] = {500, 0, 0};
  for (std::size_t gen = 0; gen < 3; ++gen) {
    const SaText now = generation(gen);
    const std::uint64_t first = numbers[gen];
    for (std::uint64_t n = first + 1; n <= first + 100; ++n) {
      const Octets frame = esp_frame(now, n);
      out.good(frame, first != 0 || n > late);
      if (n % 20 == 12) out.bad(forged(frame));
      if (n % 20 == 14) out.bad(frame);
      if (gen != 0 && n <= 10) out.good(esp_frame(generation(gen - 1), ++numbers[gen - 1]));
    }
    numbers[gen] += 100;
  }
  return out;
}

}  // namespace

TEST_CASE("gateway generations: one that knows new keys in time passes, one that learns them late is told so") {
  const std::string dump = dump_of({generation(0), generation(1), generation(2)});
  for (const KeyForm form : {KeyForm::whole, KeyForm::integrity_alone}) {
    const Keystore store = keystore_from(without_ciphers(dump, form));
    const Judged right = rekeys(0).it.judged(store);
    INFO(described(right));
    CHECK(right.report.verdict == GatewayVerdict::pass);
    CHECK(right.report.hints.empty());
    CHECK(right.report.stopped == 30);
    CHECK(right.report.forwarded == 320);
    const Sender late = rekeys(5);
    const Judged judged = late.it.judged(store);
    INFO(described(judged));
    CHECK(codes_of(judged.report) == std::set<std::string>{"gateway.dropped-valid"});
    CHECK(late.dropped.size() == 10);
    CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == late.dropped);
    CHECK(hints(judged.report, "keys-come-late"));
    CHECK(judged.report.hints.size() == 1);
  }
}

TEST_CASE("gateway generations: drops elsewhere are no late keys") {
  const Keystore store = keystore_from(dump_of({generation(0), generation(1)}));
  for (const FrameNumbers& lost : {FrameNumbers{1}, FrameNumbers{1, 31, 151}, FrameNumbers{4, 34, 64}}) {
    Sender sender;
    for (std::uint64_t n = 500; n <= 503; ++n) sender.good(esp_frame(generation(1), n));
    for (std::uint64_t n = 1; n <= 200; ++n)
      sender.good(esp_frame(generation(0), n), std::find(lost.begin(), lost.end(), n) == lost.end());
    const Judged judged = sender.it.judged(store);
    INFO(described(judged));
    CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == sender.dropped);
    CHECK(judged.report.hints.empty());
  }
}

TEST_CASE("gateway generations: an SPI that comes again with other keys is judged under each") {
  SaText first, second;
  second.algorithms = other_gcm;
  Keystore store;
  for (const SaText& sa : {first, second}) {
    const std::string text = dump_text(sa);
    REQUIRE(store.import_text("keys", Bytes{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  }
  store.seal();
  for (const bool faulty : {false, true}) {
    Sender sender;
    for (const SaText& sa : {first, second})
      for (std::uint64_t n = 1; n <= 200; ++n) {
        const Octets frame = esp_frame(sa, n);
        const bool drops = faulty && n == 150;
        sender.good(frame, !drops);
        if (n % 50 == 12) sender.bad(forged(esp_frame(sa, n + 1)), faulty && n == 112);
        if (n % 50 == 20) sender.bad(frame, faulty && n == 120);
      }
    // Of the first generation, long ago.
    sender.bad(esp_frame(first, 130), faulty);
    for (std::uint64_t n = 201; n <= 220; ++n) sender.good(esp_frame(second, n));
    const Judged judged = sender.it.judged(store);
    INFO(described(judged));
    CHECK(judged.report.verdict == (faulty ? GatewayVerdict::fail : GatewayVerdict::pass));
    FrameNumbers leaked = frames_of_code(judged, codes::gateway_leaked_bad_icv);
    const FrameNumbers replays = frames_of_code(judged, codes::gateway_leaked_replay);
    leaked.insert(leaked.end(), replays.begin(), replays.end());
    std::sort(leaked.begin(), leaked.end());
    CHECK(leaked == sender.leaked);
    CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == sender.dropped);
    CHECK(judged.report.violations.size() == sender.leaked.size() + sender.dropped.size());
    CHECK(judged.report.hints.empty());
  }
}

namespace {

SaText esn_sa(std::uint32_t spi = 0x5005) {
  SaText sa;
  sa.spi = spi;
  sa.algorithms = cbc_sha256;
  sa.esn = true;
  sa.window = 64;
  return sa;
}

}  // namespace

TEST_CASE("gateway generations: replays and late packets across 2^32 are told apart by a window of 64") {
  const SaText sa = esn_sa();
  const auto at = [&](std::int64_t n) {
    return esp_frame(sa, static_cast<std::uint64_t>(static_cast<std::int64_t>(cycle) + n));
  };
  const std::set<std::int64_t> held{-90, -20, -3};  // the first too long, the others for a while
  const std::string dump = dump_text(sa);
  for (const KeyForm form : {KeyForm::whole, KeyForm::null_cipher}) {
    const Keystore store = keystore_from(without_ciphers(dump, form));
    for (const bool faulty : {false, true}) {
      Sender sender;
      for (std::int64_t n = -200; n <= 200; ++n) {
        if (held.count(n) == 0) sender.good(at(n));
        if (n == -1) sender.bad(at(-30), faulty);   // a replay before the change
        if (n == 2) sender.good(at(-3));            // late
        if (n == 5) sender.bad(at(-3), faulty);     // and once more
        if (n == 10) sender.bad(at(-10), faulty);   // inside the window
        if (n == 20) sender.good(at(-20));          // late
        if (n == 25) sender.bad(at(-100), faulty);  // left of the window
        if (n == 40) sender.bad(at(-90), faulty);   // never seen, left of the window
        if (n == 45) sender.bad(at(30), faulty);
        if (n == 60) sender.bad(forged(at(61)), faulty);
        if (n == 80) sender.bad(forged(at(-5)), faulty);
      }
      const Judged judged = sender.it.judged(store);
      INFO(described(judged));
      CHECK(judged.report.verdict == (faulty ? GatewayVerdict::fail : GatewayVerdict::pass));
      CHECK(judged.report.forwarded == 400);
      CHECK(exercised(judged.report, GatewayClass::replay) == 4);
      CHECK(exercised(judged.report, GatewayClass::old_replay) == 1);
      CHECK(exercised(judged.report, GatewayClass::stale) == 1);
      CHECK(exercised(judged.report, GatewayClass::bad_icv) == 2);
      FrameNumbers leaked = frames_of_code(judged, codes::gateway_leaked_bad_icv);
      const FrameNumbers replays = frames_of_code(judged, codes::gateway_leaked_replay);
      leaked.insert(leaked.end(), replays.begin(), replays.end());
      std::sort(leaked.begin(), leaked.end());
      CHECK(leaked == sender.leaked);
      CHECK(judged.report.violations.size() == sender.leaked.size());
      CHECK(judged.report.hints.empty());
    }
  }
}

TEST_CASE("gateway generations: a cycle that is not inferred is told of the SA that shows it, and of no other") {
  const SaText one = esn_sa(), other = esn_sa(0x6006);
  const Keystore store = keystore_from(dump_of({one, other}));
  for (const bool lost_before : {false, true}) {
    Sender sender;
    for (std::uint64_t n = cycle - 100; n <= cycle + 100; ++n) {
      sender.good(esp_frame(one, n), lost_before ? n % 3 == 0 : n < cycle);
      sender.good(esp_frame(other, n));
    }
    const Judged judged = sender.it.judged(store);
    INFO(described(judged));
    CHECK(frames_of_code(judged, codes::gateway_dropped_valid) == sender.dropped);
    CHECK(hints(judged.report, "esn-not-inferred") == !lost_before);
    CHECK(judged.report.hints.size() == (lost_before ? 0 : 1));
    if (!lost_before) CHECK_THAT(judged.report.hints.front().text, Catch::StartsWith("#1: 100 packets pass"));
  }
}

namespace {

// Bursts of 120 packets within 6 ms, and between them one packet each 5 ms; each tenth is forged. What the gateway
// makes of these is asked with how many packets came within the last 10 ms.
template <typename Opens>
Sender load(Opens opens) {
  Sender out;
  std::uint64_t n = 0;
  const auto send = [&](std::int64_t gap, std::size_t rate) {
    out.it.gap = gap;
    const Octets frame = esp_frame(generation(0), ++n);
    if (n % 10 == 7)
      out.bad(forged(frame), opens(rate, n));
    else
      out.good(frame);
  };
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 60; ++i) send(5'000'000, 2);
    for (std::size_t i = 1; i <= 120; ++i) send(50'000, i);
  }
  for (int i = 0; i < 20; ++i) send(5'000'000, 2);
  return out;
}

}  // namespace

TEST_CASE("gateway generations: leaks under load are told, and leaks that have nothing to do with it are not") {
  const Keystore store = keystore_from(dump_text(generation(0)));
  const auto under_load = load([](std::size_t rate, std::uint64_t) { return rate > 40; });
  const Judged open = under_load.it.judged(store);
  INFO(described(open));
  CHECK(under_load.leaked.size() == 40);
  CHECK(frames_of_code(open, codes::gateway_leaked_bad_icv) == under_load.leaked);
  CHECK(open.report.violations.size() == under_load.leaked.size());
  CHECK(hints(open.report, "open-under-load"));
  CHECK(open.report.hints.size() == 1);
  const auto any = load([](std::size_t, std::uint64_t n) { return n % 40 == 7; });
  const auto calm = load([](std::size_t rate, std::uint64_t) { return rate <= 40; });
  const auto early = load([](std::size_t, std::uint64_t n) { return n < 360; });
  const auto none = load([](std::size_t, std::uint64_t) { return false; });
  const auto all = load([](std::size_t, std::uint64_t) { return true; });
  for (const Sender* sender : {&any, &calm, &early, &none, &all}) {
    const Judged judged = sender->it.judged(store);
    INFO(described(judged));
    CHECK(frames_of_code(judged, codes::gateway_leaked_bad_icv) == sender->leaked);
    CHECK(judged.report.hints.empty());
  }
}
