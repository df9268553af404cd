// The keys to traffic as `ip xfrm state` prints them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/traffic.hpp"

namespace espdump::bench {

// With 0x before them; of none, nothing.
std::string hexadecimal(const std::vector<std::uint8_t>& bytes);
// One SA, whose receiver got everything before the first packet.
std::string xfrm_state(const TrafficOptions& options, const SuiteKeys& keys, std::uint32_t spi);

}  // namespace espdump::bench
