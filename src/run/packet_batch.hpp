// The main job on several threads.
#pragma once

#include <cstddef>

namespace espdump::run {

class AnalysisRun;

// Takes all frames of a run through their steps.
void in_batches(AnalysisRun& run, std::size_t threads);

}  // namespace espdump::run
