// What `espdump gateway` prints: the verdict, what speaks against the gateway, and what nothing was learned about.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <espdump/report.hpp>

#include "analysis/gateway.hpp"
#include "report/gateway_files.hpp"

namespace espdump {

struct GatewayView {
  const GatewaySide& ingress;
  const GatewaySide& egress;
  const GatewayReport& report;
  std::vector<GatewayFile> files;
  GatewayOrigin origin;
  std::map<std::size_t, std::string> changes;  // by index of the violation: which bytes
  std::optional<std::uint32_t> window;         // as it was given
  bool truncated = false;
  bool verbose = false;
  std::size_t table_width = 0;  // as that of a TableFold
};

// Where two packets that should be one differ: "bytes 40-43 (ciphertext)". `association` may be null.
std::string difference_text(Bytes in, Bytes out, const SecurityAssociation* association);

// "a bad ICV under #1, number 23": what is wrong, without frames.
std::string gateway_message(const GatewayView& view, std::size_t violation);

std::string gateway_text(const GatewayView& view);
// JSON lines: findings, SAs, the summary. There may be millions: none is kept.
void gateway_json(const GatewayView& view, Output& out);

// The bad input that a gateway can be shown, in the order of reports.
struct GatewaySample {
  std::string_view name;  // "bad ICV"
  std::string_view key;   // "bad_icv"
  std::uint64_t count = 0;
};
std::vector<GatewaySample> gateway_samples(const GatewayReport& report);

}  // namespace espdump
