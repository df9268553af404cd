// Which way the packets of two hosts go through a gateway, told by what changes on the way and by time.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include <espdump/address.hpp>

namespace espdump {

using GatewayHosts = std::pair<IpAddress, IpAddress>;  // source and destination

// Of packets that both captures have.
struct WaySamples {
  std::vector<std::int64_t> later;             // by the clock of egress, nanoseconds
  std::uint64_t fell = 0, rose = 0, kept = 0;  // their TTLs, from ingress to egress
};

struct GatewayWays {
  std::vector<GatewayHosts> backward;  // sorted
  bool two_ways = false;
  // What packets forwards seem to need at least, and those backwards at most; unless clocks are odd, the first is more.
  std::int64_t forward_least = std::numeric_limits<std::int64_t>::max();
  std::int64_t backward_most = std::numeric_limits<std::int64_t>::min();
};

// Uses the samples up.
GatewayWays find_ways(std::map<GatewayHosts, WaySamples>& samples);

}  // namespace espdump
