// What `espdump gateway --make-test` says of the test it made.
#pragma once

#include <string>

#include "analysis/gateway_attack.hpp"

namespace espdump {

// A JSON line for each plant, then a summary.
std::string plants_json(const AttackMaker& maker);

}  // namespace espdump
