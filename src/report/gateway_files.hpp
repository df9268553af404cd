// What a judgement on a gateway was made from: the files, named with their fingerprints.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/finding.hpp>

#include "report/json_line.hpp"
#include "report/text_util.hpp"

namespace espdump {

struct GatewayFile {
  std::string_view side;  // "ingress", "egress", "keys"
  std::string name;
  std::optional<std::string> sha256;  // absent: read from a pipe; of keys, for it would let one check guesses
};

// When a side was captured, by its own clock: nanoseconds since 1970.
struct GatewaySpan {
  std::uint64_t frames = 0;
  std::int64_t first = 0, last = 0;
};

// What else an auditor wants to know of a report.
struct GatewayOrigin {
  std::string program;  // "espdump 1.0.0 (commit 0123456)"
  GatewaySpan ingress, egress;
};

// What to do about each code that violations have; a paragraph each, in the order in which they are met.
template <typename Violation>
std::string remedies_text(const std::vector<Violation>& violations, std::size_t width) {
  std::vector<const FindingInfo*> told;
  std::string out;
  for (const Violation& it : violations) {
    if (std::find(told.begin(), told.end(), it.info) != told.end()) continue;
    told.push_back(it.info);
    out += wrapped(std::string{it.info->code} + ": " + std::string{it.info->remedy}, 2, width, 4);
  }
  return out;
}

// Lines behind the section "FILES".
std::string origin_text(const GatewayOrigin& origin, std::string_view ingress, std::string_view egress);
// "program" and "captured".
void write_origin(const GatewayOrigin& origin, JsonLine& json);

// The section "FILES"; the sides have names of their own with `--protects`.
std::string files_text(const std::vector<GatewayFile>& files, std::string_view ingress, std::string_view egress);
// "files" (captures alone) and "inputs".
void write_files(const std::vector<GatewayFile>& files, JsonLine& json);

}  // namespace espdump
