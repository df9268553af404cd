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

// What an opened packet is taken apart by: IPv4 and UDP.
void dissect_inner_packet(benchmark::State& state) {
  const Octets inner = inner_packet(64);
  const ClaimTable claims;
  Packet packet;
  for ([[maybe_unused]] auto ignored : state) {
    packet.reset();
    const auto buffer = packet.add_buffer(inner, Origin::capture);
    benchmark::DoNotOptimize(
        dissect_chain(packet, claims, buffer, inner, inner.size(), {Space::link_type, link_type_raw}));
  }
  if (packet.layers().size() < 2) state.SkipWithError("the packet is not dissected");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(dissect_inner_packet);

// Argument: number of SAs, which are asked for in no order a processor could guess.
void find_sa(benchmark::State& state) {
  const auto sas = static_cast<std::uint32_t>(state.range(0));
  const Keystore store = store_of(dump_text(sas));
  const IpAddress destination = store.associations()[0].destination;
  std::size_t found = 0;
  std::uint32_t place = 0;
  for ([[maybe_unused]] auto ignored : state) {
    place = place * 1'664'525 + 1'013'904'223;
    const auto spi = static_cast<std::uint32_t>(first_spi + (std::uint64_t{place} * sas >> 32U));
    found += store.find(destination, IpsecProtocol::esp, spi).size();
  }
  if (found != static_cast<std::size_t>(state.iterations())) state.SkipWithError("an SA is not found");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(find_sa)->ArgName("sas")->Arg(1)->Arg(1000)->Arg(10'000)->Arg(100'000);

// Arguments: bytes of the inner packet, number of SAs, which take turns.
void decode_gcm_tunnel(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0)), sas = static_cast<std::size_t>(state.range(1));
  const std::vector<Octets> frames = frames_of(frames_made, size, sas);
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
BENCHMARK(decode_gcm_tunnel)->ArgNames({"bytes", "sas"})->ArgsProduct({{64, 1400}, {1, 1000, 10'000}});

}  // namespace
