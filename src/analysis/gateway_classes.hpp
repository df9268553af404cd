// What a gateway has to make of each packet that came in: RFC 4303 section 3.4, as far as integrity goes.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/gateway.hpp"
#include "decode/replay_window.hpp"

namespace espdump {

// A number that came later than a larger one.
struct LateRecord {
  RecordIndex record = no_record;
  std::uint64_t behind = 0;  // the newest by then
};

struct GatewayClasses {
  std::vector<GatewayClass> of;           // for each ingress record
  std::vector<GatewayDoubt> why;          // where that is `open`
  std::vector<std::uint32_t> sa_of_flow;  // for each flow of ingress, an index into `sas`
  std::vector<GatewaySa> sas;
  std::vector<SeenNumbers> numbers;  // accepted, for each of `sas`
  std::vector<bool> began;           // for each: its first number was 1, so that nothing came before
  std::vector<LateRecord> late;      // never seen before
  bool proven = false;               // some SA verifies
};

GatewayClasses classify(const GatewaySide& ingress, const GatewaySide& egress, const GatewayPairs& pairs,
                        const GatewayOptions& options);

}  // namespace espdump
