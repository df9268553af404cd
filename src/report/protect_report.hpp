// What `espdump gateway --protects` prints.
#pragma once

#include <string>
#include <vector>

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
std::string protect_json(const ProtectView& view);

}  // namespace espdump
