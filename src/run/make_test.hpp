// `espdump gateway --make-test`: the input for a test of a gateway.
#pragma once

#include "run/gateway.hpp"
#include "run/outcome.hpp"

namespace espdump::run {

// Writes the capture, and on standard output a JSON line for each frame that was planted.
Outcome make_gateway_test(const GatewayOptions& options);

}  // namespace espdump::run
