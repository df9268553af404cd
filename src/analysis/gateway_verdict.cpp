// Pass, fail, or what keeps anyone from saying so.
#include <fmt/core.h>

#include <algorithm>

#include <espdump/codes.hpp>

#include "analysis/analyzers.hpp"
#include "analysis/gateway_judge.hpp"

namespace espdump {
namespace {

constexpr std::uint64_t unverifiable_per_mille = 10;  // of ESP packets: with more of them nothing is proven

class Conclusions {
 public:
  Conclusions(const GatewayCase& it, GatewayReport& report) : it_(it), report_(report) {}

  void run() {
    compare_windows();
    const bool forgiven = forgive_loss();
    const bool fails = std::any_of(report_.violations.begin(), report_.violations.end(), [&](const auto& violation) {
      return violation.info->severity == Severity::error && !(forgiven && violation.fault == GatewayFault::dropped);
    });
    report_.swapped = look_swapped();
    const bool comparable = say_what_is_missing();
    say_what_is_open();
    const auto& shown = report_.exercised;
    if (report_.verified != 0 &&
        std::all_of(shown.begin(), shown.end(), [](std::uint64_t count) { return count == 0; }))
      report_.notes.emplace_back(
          "no bad packet came in: that the gateway would stop one is not shown; --make-test makes some");
    if (report_.verified != 0 && !sees_inside())
      report_.notes.emplace_back(
          "that nothing leaks in the clear is not shown: these keys verify packets and do not open them");
    if (!comparable || report_.swapped) {
      report_.violations.clear();
      report_.notes.clear();
      report_.verdict = GatewayVerdict::inconclusive;
    } else if (fails) {
      report_.verdict = GatewayVerdict::fail;
    } else {
      report_.verdict = report_.reasons.empty() ? GatewayVerdict::pass : GatewayVerdict::inconclusive;
    }
  }

 private:
  [[nodiscard]] std::uint64_t doubts(GatewayDoubt why) const { return report_.doubts[static_cast<std::size_t>(why)]; }
  void say(std::string text) { report_.reasons.push_back(std::move(text)); }

  [[nodiscard]] bool sees_inside() const {
    const auto& records = it_.ingress.records();
    return std::any_of(records.begin(), records.end(), [](const GatewayRecord& record) { return record.inner != 0; });
  }

  // Whether all packets that are missing are a loss that was allowed.
  bool forgive_loss() {
    const auto dropped = static_cast<std::uint64_t>(
        std::count_if(report_.violations.begin(), report_.violations.end(),
                      [](const auto& violation) { return violation.fault == GatewayFault::dropped; }));
    const auto all = static_cast<double>(dropped + report_.forwarded);
    if (dropped == 0 || static_cast<double>(dropped) > it_.options.allowed_loss * all) return false;
    report_.notes.push_back(fmt::format("{} of {} did not leave, no more than the {:g} % that are allowed", dropped,
                                        count_of(dropped + report_.forwarded, "authentic packet"),
                                        it_.options.allowed_loss * 100));
    return true;
  }

  // Whether a window of another size would change the verdict.
  void compare_windows() {
    if (it_.classes.late.empty()) return;
    const auto under = [&](std::uint32_t window) {
      GatewayWhatIf out{window, 0, 0};
      for (const LateRecord& late : it_.classes.late) {
        const bool passes = it_.partner(late.record) != no_record;
        if (late.behind >= window && passes) ++out.leaked;
        if (late.behind < window && !passes && it_.in_range(late.record) && !it_.was_changed(late.record))
          ++out.dropped;
      }
      return out;
    };
    for (const std::uint32_t window : {32U, 64U, 128U}) report_.what_ifs.push_back(under(window));
    const bool matters = std::any_of(report_.what_ifs.begin(), report_.what_ifs.end(),
                                     [](const GatewayWhatIf& one) { return one.leaked + one.dropped != 0; });
    if (!matters) report_.what_ifs.clear();
  }

  // The side where packets are that no gateway should let pass is the one in front of it.
  [[nodiscard]] bool look_swapped() const {
    std::uint64_t stopped_in = 0, alone_out = 0, backward_alone = 0;
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i)
      if (it_.pairs.out_of[i] == no_record && it_.is_forward(i) && !it_.ingress.records()[i].ike) ++stopped_in;
    for (RecordIndex o = 0; o < it_.pairs.in_of.size(); ++o) {
      if (it_.pairs.in_of[o] != no_record || it_.egress.records()[o].ike) continue;
      const bool forward = it_.pairs.out_ways[it_.egress.records()[o].flow] == GatewayWay::forward;
      ++(forward ? alone_out : backward_alone);
    }
    if (it_.pairs.two_ways) return it_.pairs.matched_back > it_.pairs.matched && backward_alone != 0 && stopped_in == 0;
    const GatewayClock& clock = it_.pairs.clock;
    constexpr std::int64_t second = 1'000'000'000;
    const bool earlier = clock.drift == 0 && clock.shift < 0 && clock.shift > -second;
    const bool climbed = it_.pairs.climbed * 10 > it_.pairs.matched * 9;  // no router adds to the TTL
    return it_.pairs.matched != 0 && clock.basis == GatewayClock::Basis::fastest &&
           (climbed || (stopped_in == 0 && (earlier || alone_out > 1)));
  }

  // What keeps the two from being compared at all. False where that is so.
  bool say_what_is_missing() {
    if (report_.swapped) {
      say("the sides seem to be swapped: packets are in the second capture first, and what is missing is missing in "
          "the "
          "first; give the capture in front of the gateway first");
      return false;
    }
    if (it_.ingress.frames() == 0) return say("the ingress capture is empty"), false;
    if (report_.esp_in + report_.backward_in == 0) return say("the ingress capture has no ESP packet"), false;
    if (it_.egress.frames() == 0) {
      say("the egress capture is empty: the gateway lets nothing pass, or nothing was captured");
      return false;
    }
    if (it_.pairs.matched + it_.pairs.matched_back == 0) {
      if (const std::uint64_t cut = cut_packets(it_.ingress) + cut_packets(it_.egress); cut != 0)
        return say(fmt::format("no packet is in both captures whole, and {} cut by the capture: tcpdump -s 0",
                               count_of(cut, "packet"))),
               false;
      say(report_.esp_out + report_.backward_out == 0
              ? "the egress capture has no ESP packet: the gateway lets nothing pass, or something else was captured"
              : "no packet is in both captures: they are of different networks or times");
      return false;
    }
    if (report_.esp_in == 0) return say("no ESP packet goes from ingress to egress"), false;
    return true;
  }

  static std::uint64_t cut_packets(const GatewaySide& side) {
    return static_cast<std::uint64_t>(std::count_if(side.records().begin(), side.records().end(),
                                                    [](const auto& it) { return it.icv == GatewayIcv::cut; }));
  }

  void say_what_is_open() {
    if (!it_.classes.proven && report_.esp_in != 0)
      say("no packet verifies under the keys: they are for none of the SAs here");
    say_keys();
    const std::uint64_t cut = doubts(GatewayDoubt::cut);
    if (is_many(cut))
      say(fmt::format("{} cut by the capture and cannot be verified: tcpdump -s 0", count_of(cut, "packet")));
    if (const auto count = doubts(GatewayDoubt::silence); count != 0)
      say(
          fmt::format("the egress capture is silent while {} should have left: an outage, of the gateway or of the "
                      "capture",
                      count_of(count, "packet")));
    if (const auto count = doubts(GatewayDoubt::not_captured); count != 0)
      say(
          fmt::format("{} left whose numbers the ingress capture lacks: it lost packets, or someone with the keys made "
                      "these",
                      count_of(count, "packet")));
    if (const auto count = doubts(GatewayDoubt::capture_loss); count != 0)
      say(
          fmt::format("{} did not leave, but the egress capture misses packets of the other direction, too: it lost "
                      "some",
                      count_of(count, "packet")));
    if (it_.ingress.left_out() + it_.egress.left_out() != 0) say("there are more packets than can be held");
    if (report_.verified == 0 && it_.classes.proven && report_.esp_in != 0)
      say("no packet from ingress to egress could be verified");
  }

  void say_keys() {
    if (const auto count = doubts(GatewayDoubt::no_key); is_many(count))
      say(fmt::format("{} of SAs whose key is not known here", count_of(count, "packet")));
    if (!it_.classes.proven) return;
    if (const auto count = doubts(GatewayDoubt::unproven_key); is_many(count))
      say(fmt::format("{} of SAs, or of an end of one, of which none verifies: the keys are another generation's",
                      count_of(count, "packet")));
    const std::uint64_t passed = unknown_passed();
    if (passed != 0)
      say(fmt::format(
          "{} of SPIs without keys that look alive passed: take the keys again, or the gateway lets unknown "
          "SPIs through",
          count_of(passed, "packet")));
  }

  [[nodiscard]] std::uint64_t unknown_passed() const {
    std::uint64_t count = 0;
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i)
      if (it_.classes.of[i] == GatewayClass::open && it_.classes.why[i] == GatewayDoubt::no_sa && it_.is_forward(i) &&
          it_.partner(i) != no_record)
        ++count;
    return count;
  }

  [[nodiscard]] bool is_many(std::uint64_t count) const {
    return count != 0 && count * 1000 > report_.esp_in * unverifiable_per_mille;
  }

  const GatewayCase& it_;
  GatewayReport& report_;
};

}  // namespace

void conclude(const GatewayCase& it, GatewayReport& report) { Conclusions{it, report}.run(); }

}  // namespace espdump
