// Whether both captures ran when a packet passed, and the names of what they show.
#include <array>

#include "analysis/gateway_judge.hpp"

namespace espdump {

bool GatewayCase::in_range(RecordIndex in) const {
  if (pairs.clock.basis == GatewayClock::Basis::none || egress.frames() == 0) return false;
  const std::int64_t time = ingress.records()[in].time;
  const std::int64_t there = time + pairs.clock.offset(time);
  return there >= egress.first() - pairs.clock.uncertainty && there + pairs.slowest <= egress.last();
}

bool GatewayCase::left_in_range(RecordIndex out) const {
  if (pairs.clock.basis == GatewayClock::Basis::none || ingress.frames() == 0) return false;
  const std::int64_t time = egress.records()[out].time;
  const std::int64_t there = time - pairs.clock.offset(time);
  return there - pairs.slowest >= ingress.first() && there - pairs.slowest <= ingress.last();
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
