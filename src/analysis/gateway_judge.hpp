// The parts of the judgement on a gateway. Each looks at all records once and adds to the report.
#pragma once

#include <utility>
#include <vector>

#include "analysis/gateway.hpp"
#include "analysis/gateway_classes.hpp"

namespace espdump {

// All that is known when judging begins.
struct GatewayCase {
  const GatewaySide& ingress;
  const GatewaySide& egress;
  const GatewayOptions& options;
  GatewayPairs pairs;
  GatewayClasses classes;
  std::vector<bool> dropped;                                 // ingress records: good, and held against the gateway
  std::vector<std::pair<RecordIndex, RecordIndex>> changed;  // ingress and egress: the same number, other bytes

  // The egress record of one that left with the same bytes, once and first.
  [[nodiscard]] RecordIndex partner(RecordIndex in) const {
    return pairs.out_of[in] >= captured_twice ? no_record : pairs.out_of[in];
  }
  [[nodiscard]] bool is_forward(RecordIndex in) const {
    return pairs.in_ways[ingress.records()[in].flow] == GatewayWay::forward;
  }
  // What it needed, by the corrected clocks.
  [[nodiscard]] std::int64_t needed(RecordIndex in, RecordIndex out) const {
    const std::int64_t time = ingress.records()[in].time;
    return egress.records()[out].time - time - pairs.clock.offset(time);
  }
  // It left with the same number, but other bytes.
  [[nodiscard]] bool was_changed(RecordIndex in) const;
  // Both captures ran while the packet passed, or would have.
  [[nodiscard]] bool in_range(RecordIndex in) const;
  [[nodiscard]] bool left_in_range(RecordIndex out) const;
  // The same of whatever left at a time of the egress capture.
  [[nodiscard]] bool came_in_range(std::int64_t left) const;
};

// What it is called when a packet of this class leaves; of a good one, once more.
const FindingInfo& code_of(GatewayClass is);

// Finds, for packets that left without having come, those that came with the same number but other bytes.
void find_changed(GatewayCase& it);

// Finds what each replay that leaked repeats.
void find_repeated(const GatewayCase& it, GatewayReport& report);

// Datagrams that should not leave and of which fragments did.
void judge_fragments(const GatewayCase& it, GatewayReport& report);
void judge_headers(const GatewayCase& it, GatewayReport& report);
void measure_order(const GatewayCase& it, GatewayReport& report);
void measure_latency(const GatewayCase& it, GatewayReport& report);
void measure_loss(const GatewayCase& it, GatewayReport& report);
void find_hints(const GatewayCase& it, GatewayReport& report);
void judge_plaintext(const GatewayCase& it, GatewayReport& report);
// The last: what all of it comes to.
void conclude(const GatewayCase& it, GatewayReport& report);

}  // namespace espdump
