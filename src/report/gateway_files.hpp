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

// What to do about violations, each advice once, in the order in which they are met. `remedy` gives that of a
// violation.
template <typename Violation, typename Remedy>
std::string remedies_text(const std::vector<Violation>& violations, std::size_t width, Remedy remedy) {
  std::vector<std::string_view> told;
  std::string out;
  for (const Violation& it : violations) {
    const std::string_view advice = remedy(it);
    if (std::find(told.begin(), told.end(), advice) != told.end()) continue;
    told.push_back(advice);
    out += wrapped(std::string{it.info->code} + ": " + std::string{advice}, 2, width, 4);
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
