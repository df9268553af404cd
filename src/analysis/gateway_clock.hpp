// How the clocks of two captures differ, by the packets that both have.
#pragma once

#include <cstdint>
#include <vector>

namespace espdump {

// A packet that both captures have: when the first has it, and how much later by its own clock the second.
struct ClockSample {
  std::int64_t time = 0, later = 0;
};

// Adding offset(t) to a time t of the first capture gives that of the second.
struct GatewayClock {
  enum class Basis : std::uint8_t {
    none,     // nothing is known
    one,      // one clock, as far as can be seen
    two_way,  // packets of both directions, which are held up alike
    fastest,  // the fastest packet is taken to need no time at all
  } basis = Basis::none;
  std::int64_t start = 0;        // where `shift` holds
  std::int64_t shift = 0;        // nanoseconds
  double drift = 0;              // nanoseconds per nanosecond
  std::int64_t uncertainty = 0;  // of the shift

  [[nodiscard]] std::int64_t offset(std::int64_t time) const;
};

// How fast the second clock gains on the first; 0 where that is no more than the packets' own unrest. Sorts `samples`.
double drift_of(std::vector<ClockSample>& samples);

}  // namespace espdump
