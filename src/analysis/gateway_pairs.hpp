// Which packet of one side of a gateway is which of the other.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/gateway_clock.hpp"
#include "analysis/gateway_side.hpp"

namespace espdump {

using RecordIndex = std::uint32_t;
inline constexpr RecordIndex no_record = 0xffff'ffff;
inline constexpr RecordIndex captured_twice = 0xffff'fffe;  // the very packet of another record, captured again

// Which way a flow goes.
enum class GatewayWay : std::uint8_t { forward, backward };

struct GatewayPairs {
  std::vector<RecordIndex> out_of;            // for each ingress record its egress record: the same bytes
  std::vector<RecordIndex> in_of;             // for each egress record; of a second copy that of the first
  std::vector<bool> came_before;              // for each ingress record: its bytes left the gateway before it came
  std::vector<GatewayWay> in_ways, out_ways;  // for each flow
  GatewayClock clock;
  bool two_ways = false;      // packets of both directions were seen on both sides
  std::uint64_t matched = 0;  // forward
  std::uint64_t matched_back = 0;
  std::uint64_t climbed = 0;  // of `matched`: with more TTL behind the gateway than in front of it
  std::uint64_t twice_in = 0, twice_out = 0;
  std::int64_t typical = 0;  // what a packet needs, the median; nanoseconds
  std::int64_t slowest = 0;  // the same of the slowest one in a hundred
};

// Matches by the hash of all bytes from SPI to ICV. What one side could verify, the other one then has verified, too.
GatewayPairs pair_sides(GatewaySide& ingress, GatewaySide& egress);

}  // namespace espdump
