// Reading is the keystore's; here is what becomes of problems.
#include "run/load_keys.hpp"

#include "run/message.hpp"

namespace espdump::run {

LoadedKeys load_keys(const std::vector<std::string>& keys, const std::vector<std::string>& policies, bool all,
                     Outcome& outcome) {
  LoadedKeys out;
  const auto take = [&](Result<ImportReport> report) {
    outcome.unusable_input = outcome.unusable_input || !report;
    if (!report) return say(report.error());
    say(report->problems, report->file, all);
    out.reports.push_back(std::move(*report));
  };
  for (const std::string& path : keys) take(out.keystore.import_file(path));
  for (const std::string& path : policies) take(out.keystore.import_policy(path));
  out.keystore.seal();
  return out;
}

}  // namespace espdump::run
