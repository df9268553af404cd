// What `espdump gateway --protects` prints.
#pragma once

#include <string>
#include <vector>

#include <espdump/report.hpp>

#include "analysis/gateway_protect.hpp"
#include "report/gateway_files.hpp"

namespace espdump {

struct ProtectView {
  const ProtectReport& report;
  std::vector<GatewayFile> files;
  GatewayOrigin origin;
  bool truncated = false;
  bool verbose = false;
};

std::string protect_text(const ProtectView& view);
// JSON lines, none of which is kept.
void protect_json(const ProtectView& view, Output& out);

}  // namespace espdump
