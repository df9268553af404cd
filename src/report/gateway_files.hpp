// What a judgement on a gateway was made from: the files, named with their fingerprints.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/json_line.hpp"

namespace espdump {

struct GatewayFile {
  std::string_view side;  // "ingress", "egress", "keys"
  std::string name;
  std::optional<std::string> sha256;  // absent: read from a pipe; of keys, for it would let one check guesses
};

// The section "FILES"; the sides have names of their own with `--protects`.
std::string files_text(const std::vector<GatewayFile>& files, std::string_view ingress, std::string_view egress);
// "files" (captures alone) and "inputs".
void write_files(const std::vector<GatewayFile>& files, JsonLine& json);

}  // namespace espdump
