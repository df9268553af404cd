// Counting findings in constant memory.
#include <espdump/report.hpp>

namespace espdump {

void FindingLog::add(const Finding& finding) {
  ++counts_[finding.info->code];
  ++severities_[static_cast<std::size_t>(finding.info->severity)];
}

}  // namespace espdump
