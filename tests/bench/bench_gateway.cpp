// What `espdump gateway` does with each packet once it is decoded: a record of it.
#include <benchmark/benchmark.h>

#include <espdump/decoder.hpp>

#include <optional>
#include <stdexcept>

#include "analysis/gateway.hpp"
#include "bench/bench_support.hpp"

using namespace espdump;
using namespace espdump::bench;

namespace {

constexpr std::uint64_t most_records = 1'000'000;

void gateway_record(benchmark::State& state) {
  const Octets frame = esp_frame(test::seal_from_text(gcm), first_spi, 1, static_cast<std::size_t>(state.range(0)));
  const Keystore store = store_of(dump_text(1));
  Decoder decoder{store, DecoderOptions{false, true}};
  Packet packet;
  decoder.decode({1, 0, 0, Timestamp{1'700'000'000'000'000'000}, 1, frame, frame.size()}, packet);
  std::optional<GatewaySide> side{true};
  for ([[maybe_unused]] auto ignored : state) {
    if (side->frames() == most_records) {
      state.PauseTiming();
      side.emplace(true);
      state.ResumeTiming();
    }
    ++packet.frame;
    packet.time.nanoseconds += 10'000;
    ++packet.ipsec().front().sequence;
    side->take(packet, decoder);
  }
  if (side->records().size() != side->frames()) throw std::runtime_error("not every packet became a record");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(gateway_record)->ArgName("bytes")->Arg(64)->Arg(1400);

}  // namespace
