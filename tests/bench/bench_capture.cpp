// Reading records out of a capture, in memory and in a file.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

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

// A file that the operating system has in memory.
void read_pcap_file(benchmark::State& state) {
  test::Pcap file;
  const test::ByteVector frame(static_cast<std::size_t>(state.range(0)), 0x55);
  for (std::uint32_t i = 0; i < records; ++i) file.record(i, 0, frame);
  std::string path = (std::filesystem::temp_directory_path() / "espdump-bench-XXXXXX").string();
  if (const int descriptor = mkstemp(path.data()); descriptor == -1 || close(descriptor) != 0)
    throw std::runtime_error("no temporary file can be made");
  std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(file.bytes.data()),
                                              static_cast<std::streamsize>(file.bytes.size()));
  std::size_t bytes = 0;
  for ([[maybe_unused]] auto ignored : state) {
    auto reader = CaptureReader::open(path);
    if (!reader) throw std::runtime_error(reader.error().text);
    while (const auto next = reader->next()) bytes += next->bytes.size();
  }
  if (bytes != frame.size() * records * static_cast<std::size_t>(state.iterations()))
    state.SkipWithError("not all was read");
  std::filesystem::remove(path);
  state.SetItemsProcessed(state.iterations() * records);
}
BENCHMARK(read_pcap_file)->ArgName("bytes")->Arg(64)->Arg(1400);

}  // namespace
