// Whether both captures ran when a packet passed, and the names of what they show.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "analysis/gateway_judge.hpp"

namespace espdump {

bool GatewayCase::was_changed(RecordIndex in) const {
  return std::binary_search(changed.begin(), changed.end(), std::pair{in, RecordIndex{0}},
                            [](const auto& a, const auto& b) { return a.first < b.first; });
}

bool GatewayCase::in_range(RecordIndex in) const {
  if (pairs.clock.basis == GatewayClock::Basis::none || egress.frames() == 0) return false;
  const std::int64_t time = ingress.records()[in].time;
  const std::int64_t there = time + pairs.clock.offset(time);
  return there >= egress.first() - pairs.clock.uncertainty && there + pairs.slowest <= egress.last();
}

bool GatewayCase::left_in_range(RecordIndex out) const { return came_in_range(egress.records()[out].time); }

bool GatewayCase::came_in_range(std::int64_t left) const {
  if (pairs.clock.basis == GatewayClock::Basis::none || ingress.frames() == 0) return false;
  const std::int64_t there = left - pairs.clock.offset(left);
  return there - pairs.slowest >= ingress.first() && there - pairs.slowest <= ingress.last();
}

void find_repeated(const GatewayCase& it, GatewayReport& report) {
  using Number = std::pair<std::uint32_t, std::uint64_t>;  // of an SA
  const auto number = [&](RecordIndex i) {
    const GatewayRecord& record = it.ingress.records()[i];
    return Number{it.classes.sa_of_flow[record.flow], record.sequence};
  };
  std::map<Number, RecordIndex> first;
  const auto is_replay = [](const GatewayViolation& one) {
    return one.of == GatewayClass::replay || one.of == GatewayClass::old_replay;
  };
  for (const GatewayViolation& one : report.violations)
    if (is_replay(one)) first.emplace(number(one.in), no_record);
  if (first.empty()) return;
  for (RecordIndex i = 0; i < it.classes.of.size(); ++i) {
    if (it.classes.of[i] != GatewayClass::good) continue;
    const auto found = first.find(number(i));
    if (found != first.end() && found->second == no_record) found->second = i;
  }
  for (GatewayViolation& one : report.violations)
    if (is_replay(one)) one.repeats = first[number(one.in)];
}

std::string_view to_string(GatewayClass is) noexcept {
  constexpr std::array<std::string_view, gateway_classes> names{
      "open",       "good",  "bad-icv", "far-ahead",   "malformed",     "replay",
      "old-replay", "stale", "zero",    "unknown-spi", "wrong-address", "no-integrity"};
  return names[static_cast<std::size_t>(is)];
}

std::string_view to_string(GatewayVerdict verdict) noexcept {
  switch (verdict) {
    case GatewayVerdict::pass: return "pass";
    case GatewayVerdict::fail: return "fail";
    case GatewayVerdict::inconclusive: break;
  }
  return "inconclusive";
}

}  // namespace espdump
