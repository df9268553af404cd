// `espdump merge`: partial results joined to the report of one run over all captures.
#include "run/merge.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/input_file.hpp"
#include "base/write_all.hpp"
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

// What is to be written; a name that is empty is of nothing.
bool create(const MergeOptions& options, const std::string& path, std::optional<AsideFile>& out) {
  if (path.empty()) return true;
  auto made = AsideFile::create(path);
  if (!made) {
    say(made.error());
    return false;
  }
  out.emplace(std::move(*made));
  const Status entrusted = out->entrust();
  if (!entrusted && !options.no_sandbox) say(entrusted.error().to_string() + "; --no-sandbox does without");
  return entrusted.has_value() || options.no_sandbox;
}

// All of them, one behind the other, which is as good as each by itself.
Status join(const std::vector<partial::Member>& members, AsideFile& out) {
  const auto write = [&](Bytes bytes) -> Status {
    const int error =
        write_all(out.descriptor(), {reinterpret_cast<const char*>(bytes.data()), bytes.size()});  // NOLINT
    return error == 0 ? Status{Nothing{}} : Unexpected{out.write_failure(error)};
  };
  for (const partial::Member& member : members)
    if (Status copied = member.copy(write); !copied) return copied;
  return out.close();
}

// By which numbers the report calls them.
void name_captures(const PartialSet& partials) {
  constexpr std::size_t most = 20;
  if (partials.files() == 1) return;
  for (std::size_t file = 0; file < std::min(partials.files(), most); ++file)
    say(fmt::format("capture {}: {}", file + 1, partials.name(file)));
  if (partials.files() > most) say(fmt::format("… and {} more: --json names them", partials.files() - most));
}

Status take(std::vector<partial::Member> members, std::vector<std::string>& notes, Inputs& inputs) {
  auto partials = PartialSet::of(std::move(members), notes);
  if (!partials) return Unexpected{partials.error()};
  inputs.partials.emplace(std::move(*partials));
  return Nothing{};
}

// What one run over all captures would have known, and nobody who made a partial result did.
void tell_torn(const LeftOut& left) {
  if (left.untried_packets != 0)
    say(fmt::format(
        "packets of SAs whose keys follow from IKE exchanges that were not in sight of their partial result: "
        "{}, shown as NO KEY: make it with `--after` and a capture of all IKE messages",
        left.untried_packets));
  if (left.torn_exchanges != 0)
    say(fmt::format(
        "IKE exchanges that begin in one partial result and end in another: {}; what they agreed on, and keys "
        "that follow, are not known: make these with `--after` and a capture of all IKE messages",
        left.torn_exchanges));
}

void report(const MergeOptions& options, Inputs& inputs, Outcome& outcome) {
  const PartialSet& partials = *inputs.partials;
  if (!options.quiet && !options.json) name_captures(partials);
  const Keystore keystore = partials.keystore();
  const AnalyzeOptions one_run = as_one_run(options, partials.settings());
  AnalysisRun run{one_run, keystore, inputs};
  run.packets();
  run.finish(outcome);
  if (keystore.has_ike_keys()) tell_torn(run.decoder().left_out());
  if (const std::string torn = partials.torn(keystore.has_ike_keys()); !torn.empty())
    say(torn +
        ": made without what came before its captures, where packets in pieces, or IKE exchanges with keys, may "
        "have begun that end there; `--after` and the capture before settle it");
}

}  // namespace

Outcome merge(const MergeOptions& options) {
  Outcome outcome;
  Inputs inputs;
  std::optional<AsideFile> joined;
  outcome.unusable_input = !create(options, options.page, inputs.page) || !create(options, options.joined, joined);
  if (outcome.unusable_input) return outcome;
  open_ahead(options.partials, Opening::never_waits);
  confine(options.no_sandbox, false);
  std::vector<std::string> notes;
  auto members = open_partials(options.partials, notes);
  Status done = members ? Status{Nothing{}} : Unexpected{members.error()};
  if (done) done = joined ? join(*members, *joined) : take(std::move(*members), notes, inputs);
  for (const std::string& note : notes) say(note);
  if (!done) say(done.error());
  outcome.unusable_input = !done;
  if (inputs.partials) report(options, inputs, outcome);
  return outcome;
}

}  // namespace espdump::run
