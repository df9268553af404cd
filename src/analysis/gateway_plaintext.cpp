// Packets in the clear on the egress side that are what an ingress ESP packet carried, or that an SA should carry.
#include <algorithm>
#include <unordered_map>

#include <espdump/codes.hpp>

#include "analysis/gateway_judge.hpp"

namespace espdump {
namespace {

// How often each packet in the clear came in that way: what came in the clear may leave so.
std::unordered_map<std::uint64_t, std::uint64_t> counts_of(const std::deque<ClearPacket>& packets) {
  std::unordered_map<std::uint64_t, std::uint64_t> out;
  for (const ClearPacket& packet : packets) ++out[packet.digest];
  return out;
}

}  // namespace

void judge_plaintext(const GatewayCase& it, GatewayReport& report) {
  if (it.egress.clear().empty()) return;
  struct Carried {
    std::uint64_t digest = 0;
    RecordIndex record = no_record;
  };
  std::vector<Carried> carried;
  for (RecordIndex i = 0; i < it.pairs.out_of.size(); ++i)
    if (it.ingress.records()[i].inner != 0 && it.pairs.out_of[i] != captured_twice)
      carried.push_back({it.ingress.records()[i].inner, i});
  if (carried.empty()) return;
  std::sort(carried.begin(), carried.end(), [](const Carried& a, const Carried& b) {
    return a.digest != b.digest ? a.digest < b.digest : a.record < b.record;
  });
  auto came_clear = counts_of(it.ingress.clear());
  for (std::size_t index = 0; index < it.egress.clear().size(); ++index) {
    const std::uint64_t digest = it.egress.clear()[index].digest;
    const auto found = std::lower_bound(carried.begin(), carried.end(), digest,
                                        [](const Carried& one, std::uint64_t value) { return one.digest < value; });
    if (found == carried.end() || found->digest != digest) continue;
    if (auto clear = came_clear.find(digest); clear != came_clear.end() && clear->second != 0) {
      --clear->second;
      continue;
    }
    report.violations.push_back({&codes::gateway_leaked_plaintext, found->record, static_cast<RecordIndex>(index),
                                 GatewayFault::plaintext, it.classes.of[found->record]});
  }
}

}  // namespace espdump
