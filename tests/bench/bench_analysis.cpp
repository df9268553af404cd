// What the analysers cost beside decoding: TCP connections inside a tunnel, and the same tunnel captured twice.
#include <benchmark/benchmark.h>

#include <espdump/decoder.hpp>
#include <espdump/path_facts.hpp>

#include <optional>
#include <vector>

#include "bench/bench_support.hpp"

using namespace espdump;
using namespace espdump::bench;

namespace {

constexpr std::size_t frames_made = 4096, segment_size = 1360;

struct Bench {
  explicit Bench(const Keystore& store, std::size_t captures) : decoder(store) {
    paths.captures = captures;
    analyzers = make_analyzers(paths);
  }
  Decoder decoder;
  PathFacts paths;
  std::vector<std::unique_ptr<Analyzer>> analyzers;
};

std::vector<Octets> tcp_frames(std::size_t connections) {
  const test::Seal seal = test::seal_from_text(gcm);
  std::vector<Octets> frames;
  for (std::size_t i = 0; i < frames_made; ++i) {
    const auto port = static_cast<std::uint16_t>(10'000 + i % connections);
    const auto sequence = static_cast<std::uint32_t>(1 + i / connections * segment_size);
    const Octets inner = test::ipv4_packet(
        "10.0.0.1", "10.0.0.2", 6,
        test::tcp_segment("10.0.0.1", "10.0.0.2", port, 80, Octets(segment_size, 0x55), {sequence, 1}));
    frames.push_back(test::ethernet_frame(
        test::ipv4_packet(sender, receiver, 50, test::seal_esp(seal, first_spi, 1 + i, 4, inner))));
  }
  return frames;
}

// Arguments: TCP connections, which take turns; captures that have every frame.
void analyze_tcp_in_tunnel(benchmark::State& state) {
  const auto captures = static_cast<std::size_t>(state.range(1));
  const std::vector<Octets> frames = tcp_frames(static_cast<std::size_t>(state.range(0)));
  const Keystore store = store_of(dump_text(1));
  std::optional<Bench> bench;
  bench.emplace(store, captures);
  Packet packet;
  Findings findings;
  std::size_t next = 0;
  for ([[maybe_unused]] auto ignored : state) {
    if (next == frames.size() * captures) {
      state.PauseTiming();
      bench.emplace(store, captures);
      next = 0;
      state.ResumeTiming();
    }
    const Octets& frame = frames[next / captures];
    const auto file = static_cast<std::uint16_t>(next % captures);
    bench->decoder.decode({next / captures + 1, file, 0, {}, 1, frame, frame.size()}, packet);
    findings.clear();
    show_to(bench->analyzers, packet, bench->decoder, findings);
    ++next;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(analyze_tcp_in_tunnel)->ArgNames({"connections", "captures"})->Args({1, 1})->Args({1000, 1})->Args({1, 2});

// All analysers on UDP, on top of decode_gcm_tunnel. Arguments: bytes of the inner packet, number of SAs.
void analyze_udp_in_tunnel(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0)), sas = static_cast<std::size_t>(state.range(1));
  const std::vector<Octets> frames = frames_of(frames_made, size, sas);
  const Keystore store = store_of(dump_text(sas));
  std::optional<Bench> bench;
  std::vector<Packet> packets(frames_made);
  Findings findings;
  std::size_t next = frames_made;
  for ([[maybe_unused]] auto ignored : state) {
    if (next == frames_made) {
      state.PauseTiming();
      bench.emplace(store, 1);
      for (next = 0; next < frames_made; ++next)
        bench->decoder.decode({next + 1, 0, 0, {}, 1, frames[next], frames[next].size()}, packets[next]);
      next = 0;
      state.ResumeTiming();
    }
    findings.clear();
    show_to(bench->analyzers, packets[next], bench->decoder, findings);
    ++next;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(analyze_udp_in_tunnel)->ArgNames({"bytes", "sas"})->ArgsProduct({{64, 1400}, {1, 1000}});

}  // namespace
