// Reading records out of a capture in memory.
#include <benchmark/benchmark.h>

#include <stdexcept>

#include <espdump/capture.hpp>

#include "bench/bench_support.hpp"
#include "support/capture_bytes.hpp"

using namespace espdump;

namespace {

constexpr std::uint32_t records = 10'000;

template <typename File>
void read_frames(benchmark::State& state, const File& file) {
  for ([[maybe_unused]] auto ignored : state) {
    auto reader = CaptureReader::over(file.bytes, "bench");
    if (!reader) throw std::runtime_error(reader.error().text);
    std::size_t bytes = 0;
    while (const auto frame = reader->next()) bytes += frame->bytes.size();
    benchmark::DoNotOptimize(bytes);
  }
  state.SetItemsProcessed(state.iterations() * records);
}

void read_pcap(benchmark::State& state) {
  test::Pcap file;
  const test::ByteVector frame(static_cast<std::size_t>(state.range(0)), 0x55);
  for (std::uint32_t i = 0; i < records; ++i) file.record(i, 0, frame);
  read_frames(state, file);
}
BENCHMARK(read_pcap)->ArgName("bytes")->Arg(64)->Arg(1400);

void read_pcapng(benchmark::State& state) {
  test::Pcapng file;
  file.interface(1);
  const test::ByteVector frame(static_cast<std::size_t>(state.range(0)), 0x55);
  for (std::uint32_t i = 0; i < records; ++i) file.enhanced(0, i, frame);
  read_frames(state, file);
}
BENCHMARK(read_pcapng)->ArgName("bytes")->Arg(64)->Arg(1400);

}  // namespace
