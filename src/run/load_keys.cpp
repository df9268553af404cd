// Reading is the keystore's; here is what becomes of problems.
#include "run/load_keys.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include "run/message.hpp"

namespace espdump::run {
namespace {

// Told to people, and whoever asks for everything; a script that runs every minute need not hear it every minute.
void warn_of_readers(const ImportReport& report, bool all) {
  if (!report.others_can_read || (!all && isatty(STDERR_FILENO) != 1)) return;
  say(fmt::format("{}: every user here can read these keys: chmod go-rwx it", report.file));
}

}  // namespace

LoadedKeys load_keys(const std::vector<std::string>& keys, const std::vector<std::string>& policies, bool all,
                     Outcome& outcome) {
  LoadedKeys out;
  const auto take = [&](Result<ImportReport> report) {
    outcome.unusable_input = outcome.unusable_input || !report;
    if (!report) return say(report.error());
    warn_of_readers(*report, all);
    say(report->problems, report->file, all);
    out.reports.push_back(std::move(*report));
  };
  for (const std::string& path : keys) take(out.keystore.import_file(path));
  for (const std::string& path : policies) take(out.keystore.import_policy(path));
  out.keystore.seal();
  return out;
}

}  // namespace espdump::run
