// What `ip xfrm monitor` tells besides the SAs themselves: when, and how an SA ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "keys/sa_table.hpp"

namespace espdump::keys {

// The time in `Fri Nov 20 14:58:43 2026 612172 usec` (-t) or `2026-11-20T14:58:43.613935` (-ts). Both are
// local times of the host that printed them; they are taken to be in the time zone of this process.
std::optional<Timestamp> monitor_time(std::string_view text);

// The life of the SAs that one file tells about.
class Lives {
 public:
  explicit Lives(SaTable& table) : table_(table) {}

  // Another record of an SA: one that ended earlier in this file is alive again.
  void seen(std::uint32_t index);
  // The earliest end that is told counts.
  void end(std::uint32_t index, Ending ending, std::optional<Timestamp> time);
  // `Flushed state proto …`: every SA of that protocol that this file told about.
  void flush(std::string_view protocol, std::optional<Timestamp> time);

 private:
  SaTable& table_;
  std::unordered_set<std::uint32_t> ended_;
  std::vector<std::uint32_t> esp_, ah_;  // alive, perhaps several times
};

}  // namespace espdump::keys
