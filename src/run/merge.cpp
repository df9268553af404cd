// `espdump merge`: partial results joined to the report of one run over all captures.
#include "run/merge.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/input_file.hpp"
#include "run/analysis_run.hpp"
#include "run/confinement.hpp"
#include "run/message.hpp"
#include "run/partial_set.hpp"

namespace espdump::run {
namespace {

AnalyzeOptions as_one_run(const MergeOptions& options, const partial::Settings& settings) {
  AnalyzeOptions out;
  out.page = options.page;
  out.fail_on = options.fail_on;
  out.color = options.color;
  out.json = options.json;
  out.quiet = true;
  out.no_sandbox = options.no_sandbox;
  out.verify_only = settings.verify_only;
  out.filter = settings.filter;
  out.redact = true;  // there are no contents
  return out;
}

bool create_page(const MergeOptions& options, Inputs& inputs) {
  if (options.page.empty()) return true;
  auto made = AsideFile::create(options.page);
  if (!made) {
    say(made.error());
    return false;
  }
  inputs.page.emplace(std::move(*made));
  const Status entrusted = inputs.page->entrust();
  if (!entrusted && !options.no_sandbox) say(entrusted.error().to_string() + "; --no-sandbox does without");
  return entrusted.has_value() || options.no_sandbox;
}

// By which numbers the report calls them.
void name_captures(const PartialSet& partials) {
  constexpr std::size_t most = 20;
  if (partials.files() == 1) return;
  for (std::size_t file = 0; file < std::min(partials.files(), most); ++file)
    say(fmt::format("capture {}: {}", file + 1, partials.name(file)));
  if (partials.files() > most) say(fmt::format("… and {} more: --json names them", partials.files() - most));
}

}  // namespace

Outcome merge(const MergeOptions& options) {
  Outcome outcome;
  Inputs inputs;
  outcome.unusable_input = !create_page(options, inputs);
  if (outcome.unusable_input) return outcome;
  open_ahead(options.partials, Opening::never_waits);
  confine(options.no_sandbox, false);
  std::vector<std::string> notes;
  auto partials = PartialSet::open(options.partials, notes);
  for (const std::string& note : notes) say(note);
  if (!partials) {
    say(partials.error());
    outcome.unusable_input = true;
    return outcome;
  }
  inputs.partials.emplace(std::move(*partials));
  if (!options.quiet && !options.json) name_captures(*inputs.partials);
  const Keystore keystore = inputs.partials->keystore();
  const AnalyzeOptions one_run = as_one_run(options, inputs.partials->settings());
  AnalysisRun run{one_run, keystore, inputs};
  run.packets();
  run.finish(outcome);
  if (const std::string torn = inputs.partials->torn(keystore.has_ike_keys()); !torn.empty())
    say(torn +
        ": made without what came before its captures, where packets in pieces, or IKE exchanges with keys, may "
        "have begun that end there; `--after` and the capture before settle it");
  return outcome;
}

}  // namespace espdump::run
