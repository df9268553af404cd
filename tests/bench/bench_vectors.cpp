// Opening one packet of a Linux kernel for each algorithm there is a vector of: open_linux/NAME, packets of some 100
// bytes.
#include <benchmark/benchmark.h>

#include <stdexcept>
#include <vector>

#include "crypto/esp_open.hpp"
#include "support/sa_builder.hpp"
#include "support/testdata.hpp"
#include "support/vectors.hpp"

using namespace espdump;
using namespace espdump::test;

namespace {

void open_vector(benchmark::State& state, const EspVector& vector) {
  SecretArena arena;
  auto transform = EspTransform::make(sa_from_text(arena, vector.sa, vector.esn));
  const auto parts = transform ? transform->split(vector.esp) : std::nullopt;
  if (!parts) throw std::runtime_error(vector.name + " cannot be opened");
  std::vector<std::uint8_t> out(parts->ciphertext.size());
  const std::uint32_t high = vector.esn ? 1 : 0;
  bool good = true;
  for ([[maybe_unused]] auto ignored : state) {
    good = good && transform->open(*parts, high, out) != EspTransform::Outcome::bad_icv;
    benchmark::DoNotOptimize(out.data());
  }
  if (!good) state.SkipWithError("the ICV does not verify");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(vector.esp.size()));
}

const bool registered = [] {
  for (const EspVector& vector : esp_vectors())
    if (vector.name.substr(0, 6) == "linux-")
      benchmark::RegisterBenchmark(("open_linux/" + vector.name.substr(6)).c_str(), open_vector, vector);
  return true;
}();

}  // namespace
