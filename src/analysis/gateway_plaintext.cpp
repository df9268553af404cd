// Packets in the clear on the egress side that are what an ingress ESP packet carried, or that an SA should carry.
#include <algorithm>
#include <optional>
#include <unordered_map>

#include <espdump/codes.hpp>

#include "analysis/gateway_judge.hpp"
#include "analysis/selector_index.hpp"

namespace espdump {
namespace {

// Which packets in the clear the selectors of the SAs from ingress to egress are for.
class Selected {
 public:
  explicit Selected(const GatewayCase& it) : hosts_(it.egress.hosts()), known_(hosts_.size()) {
    for (std::size_t flow = 0; flow < it.ingress.flows().size(); ++flow) {
      const SecurityAssociation* sa = it.ingress.flows()[flow].association;
      if (sa != nullptr && it.pairs.in_ways[flow] == GatewayWay::forward)
        for_each_named(*sa, [&](const Selector& selector) { selectors_[selector] = true; });
    }
  }

  [[nodiscard]] bool covers_hosts(std::uint32_t index) {
    if (!known_[index]) known_[index] = look(hosts_[index]);
    return *known_[index];
  }

 private:
  [[nodiscard]] bool look(const ClearHosts& hosts) {
    return selectors_.any_covering({hosts.source, hosts.destination, hosts.protocol, {}, {}, false},
                                   [](bool) { return true; });
  }

  const std::vector<ClearHosts>& hosts_;
  std::vector<std::optional<bool>> known_;
  SelectorIndex<bool> selectors_;
};

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
  std::sort(carried.begin(), carried.end(), [](const Carried& a, const Carried& b) {
    return a.digest != b.digest ? a.digest < b.digest : a.record < b.record;
  });
  Selected selected{it};
  auto came_clear = counts_of(it.ingress.clear());
  for (std::size_t index = 0; index < it.egress.clear().size(); ++index) {
    const ClearPacket& packet = it.egress.clear()[index];
    if (auto clear = came_clear.find(packet.digest); clear != came_clear.end() && clear->second != 0) {
      --clear->second;
      continue;
    }
    const auto found = std::lower_bound(carried.begin(), carried.end(), packet.digest,
                                        [](const Carried& one, std::uint64_t value) { return one.digest < value; });
    const bool was_sealed = found != carried.end() && found->digest == packet.digest;
    if (!was_sealed && !(it.came_in_range(packet.time) && selected.covers_hosts(packet.hosts))) continue;
    const RecordIndex in = was_sealed ? found->record : no_record;
    report.violations.push_back({&codes::gateway_leaked_plaintext, in, static_cast<RecordIndex>(index),
                                 GatewayFault::plaintext, was_sealed ? it.classes.of[in] : GatewayClass::open});
  }
}

}  // namespace espdump
