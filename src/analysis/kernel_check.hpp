// What a kernel counted, held against what the capture shows.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <espdump/decoder.hpp>

#include "keys/kernel_stats.hpp"

namespace espdump {

// One counter of a kernel beside what the capture says it should be.
struct KernelCount {
  std::string name;  // "packets", "replay-window", "XfrmInNoStates"
  std::uint64_t kernel = 0, capture = 0;
  std::string meaning;  // of a difference, in a sentence; empty: they are equal
  [[nodiscard]] bool equal() const { return kernel == capture; }
};

struct KernelComparison {
  SaNumber sa = 0;  // 0: the totals of a host
  bool sends = false;
  std::vector<KernelCount> counts;
  [[nodiscard]] bool equal() const;
};

struct KernelCheck {
  std::vector<KernelComparison> comparisons;
  std::vector<const KernelSa*> unseen;  // SAs that counted packets of which the capture has none
  std::map<std::string, std::pair<std::uint64_t, std::string_view>> others;  // counters that say what no capture can
  [[nodiscard]] bool equal() const;
};

// `stats` must outlive the result.
KernelCheck check_kernel(const KernelStats& stats, const std::vector<SaStatistics>& sas, std::uint64_t untracked);

}  // namespace espdump
