// Reading a large dump of keys.
#include <benchmark/benchmark.h>

#include "bench/bench_support.hpp"

using namespace espdump;
using namespace espdump::bench;

namespace {

void import_xfrm_state(benchmark::State& state) {
  const std::string text = dump_text(static_cast<std::size_t>(state.range(0)));
  for ([[maybe_unused]] auto ignored : state) benchmark::DoNotOptimize(store_of(text));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(import_xfrm_state)->ArgName("sas")->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
