// `espdump gateway`: what left a gateway, held against what came in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "run/outcome.hpp"

namespace espdump::run {

struct GatewayOptions {
  std::vector<std::string> captures;         // ingress and egress; with --make-test none
  std::vector<std::string> ingress, egress;  // more of them
  std::vector<std::string> keys;
  std::vector<std::string> policies;
  std::string window;     // a number; empty: the SAs' own
  double allow_loss = 0;  // percent of authentic packets
  std::string make_test;  // the good capture to make a test of; empty: judge
  std::string write;      // where that goes
  std::string program;    // "espdump 1.0.0 (commit 0123456)", for the report
  bool protects = false;
  bool json = false;
  bool verbose = false;
  bool no_sandbox = false;
};

// Prints the report on standard output, problems on standard error.
Outcome judge_gateway(const GatewayOptions& options);

}  // namespace espdump::run
