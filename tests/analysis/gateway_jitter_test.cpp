// A gateway that takes its time, by clocks of its own, in captures that begin and end where they do.
#include <algorithm>
#include <random>
#include <string>

#include <espdump/codes.hpp>

#include "support/catch.hpp"
#include "support/gateway_scene.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

constexpr std::int64_t microsecond = 1'000, millisecond = 1'000'000;

class Weather {
 public:
  explicit Weather(std::uint32_t seed) : random_(seed) {}

  std::int64_t up_to(std::int64_t most) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most));
  }
  bool one_in(std::uint32_t many) { return random_() % many == 0; }

  // Mostly under a millisecond, sometimes many; packets overtake each other where they may.
  Wire delayed(Wire wire, bool keeps_order) {
    std::int64_t latest = 0;
    for (TimedFrame& frame : wire) {
      frame.time += up_to(800 * microsecond) + (one_in(50) ? up_to(30 * millisecond) : 0);
      if (keeps_order) frame.time = latest = std::max(frame.time, latest + microsecond);
    }
    return sorted(std::move(wire));
  }

 private:
  std::mt19937 random_;
};

Wire stretched(Wire wire, std::int64_t begin) {
  for (TimedFrame& frame : wire) frame.time += 10 * (frame.time - begin);
  return wire;
}

}  // namespace

TEST_CASE("gateway jitter: what is right and wrong does not depend on time, clocks and order") {
  const Defect defects[] = {Defect::none, Defect::leaks_bad_icv, Defect::drops_good, Defect::leaks_replay};
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    Weather weather{seed};
    const GatewayScene scene = gateway_scene({static_cast<Outer>(seed % 3), KeyForm::whole, false});
    const Keystore store = keystore_from(scene.keys);
    const Defect defect = defects[seed % 4];
    Passed passed = run_gateway(scene, defect);
    const std::int64_t begin = scene.attack.front().time;
    const bool keeps_order = seed % 5 != 0;
    Wire out = weather.delayed(stretched(passed.wire, begin), keeps_order);
    const std::int64_t shift = seed % 2 == 0 ? 0 : weather.up_to(20'000'000) * millisecond - 10'000'000 * millisecond;
    const double drift = seed % 2 == 0 ? 0 : static_cast<double>(weather.up_to(400) - 200) / 1e6;
    out = moved(std::move(out), shift, drift);
    const Judged judged = judge(store, stretched(scene.attack, begin), out);
    INFO("seed " << seed << ", defect " << static_cast<int>(defect) << ", shift " << shift << ", drift " << drift
                 << "\n"
                 << described(judged));
    FrameNumbers found;
    for (const GatewayViolation& it : judged.report.violations)
      found.push_back(it.in == no_record ? 0 : judged.ingress.records()[it.in].frame);
    std::sort(found.begin(), found.end());
    CHECK(found == passed.culprits);
    CHECK(judged.report.verdict == (defect == Defect::none ? GatewayVerdict::pass : GatewayVerdict::fail));
    CHECK((judged.report.reordering.packets != 0) == !keeps_order);
  }
}
