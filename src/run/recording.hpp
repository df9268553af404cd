// The main job with --partial: no report, but what one over more captures needs of these.
#pragma once

#include <espdump/keystore.hpp>

#include "run/analysis_run.hpp"

namespace espdump::run {

// Reads all captures of `inputs`, and writes its partial result.
void record(const AnalyzeOptions& options, const Keystore& keystore, Inputs& inputs, Outcome& outcome);

}  // namespace espdump::run
