// One frame through the dissectors, and through decoding with few and many SAs.
#include <benchmark/benchmark.h>

#include <espdump/decoder.hpp>
#include <espdump/dissector.hpp>

#include "bench/bench_support.hpp"

using namespace espdump;
using namespace espdump::bench;

namespace {

// How many frames differ before numbers would repeat; each round of them gets a decoder of its own.
constexpr std::size_t frames_made = 4096;

void dissect_esp_frame(benchmark::State& state) {
  const auto frame = esp_frame(test::seal_from_text(gcm), first_spi, 1, 64);
  const ClaimTable claims;
  Packet packet;
  for ([[maybe_unused]] auto ignored : state) {
    packet.reset();
    const auto buffer = packet.add_buffer(frame, Origin::capture);
    benchmark::DoNotOptimize(dissect_chain(packet, claims, buffer, frame, frame.size(), {Space::link_type, 1}));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(dissect_esp_frame);

// Arguments: bytes of the inner packet, number of SAs, which take turns.
void decode_gcm_tunnel(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0)), sas = static_cast<std::size_t>(state.range(1));
  const test::Seal seal = test::seal_from_text(gcm);
  std::vector<Octets> frames;
  for (std::size_t i = 0; i < frames_made; ++i)
    frames.push_back(esp_frame(seal, static_cast<std::uint32_t>(first_spi + i % sas), 1 + i / sas, size));
  const Keystore store = store_of(dump_text(sas));
  std::optional<Decoder> decoder{store};
  Packet packet;
  std::size_t next = 0, opened = 0;
  for ([[maybe_unused]] auto ignored : state) {
    if (next == frames.size()) {
      state.PauseTiming();
      decoder.emplace(store);
      next = 0;
      state.ResumeTiming();
    }
    const Octets& frame = frames[next];
    decoder->decode({++next, 0, 0, {}, 1, frame, frame.size()}, packet);
    opened += packet.ipsec().size() == 1 && packet.ipsec()[0].decrypted ? 1 : 0;
  }
  if (opened != static_cast<std::size_t>(state.iterations())) state.SkipWithError("not every packet was opened");
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode_gcm_tunnel)->ArgNames({"bytes", "sas"})->ArgsProduct({{64, 1400}, {1, 1000}});

}  // namespace
