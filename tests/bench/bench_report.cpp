// A line about one opened packet, as text and as JSON, to where it costs nothing.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <espdump/decoder.hpp>
#include <espdump/report.hpp>

#include <stdexcept>

#include "bench/bench_support.hpp"

using namespace espdump;
using namespace espdump::bench;

namespace {

template <typename MakeReporter>
void report_packet(benchmark::State& state, const MakeReporter& make_reporter) {
  const Octets frame = esp_frame(test::seal_from_text(gcm), first_spi, 1, 64);
  const Keystore store = store_of(dump_text(1));
  Decoder decoder{store};
  Packet packet;
  decoder.decode({1, 0, 0, {}, 1, frame, frame.size()}, packet);
  if (packet.ipsec().size() != 1 || !packet.ipsec()[0].decrypted) throw std::runtime_error("the packet is not opened");
  const int descriptor = open("/dev/null", O_WRONLY | O_CLOEXEC);
  {
    Output output{descriptor};
    const auto reporter = make_reporter(output);
    for ([[maybe_unused]] auto ignored : state) reporter->packet(packet);
    output.flush();
    if (output.error() != 0) state.SkipWithError("the lines cannot be written");
  }
  close(descriptor);
  state.SetItemsProcessed(state.iterations());
}

TextOptions verbosity(int level) {
  TextOptions options;
  options.verbosity = level;
  return options;
}

void text_line(benchmark::State& state) {
  report_packet(state, [](Output& output) { return make_text_reporter(output, verbosity(0)); });
}
BENCHMARK(text_line);

void text_tree(benchmark::State& state) {
  report_packet(state, [](Output& output) { return make_text_reporter(output, verbosity(2)); });
}
BENCHMARK(text_tree);

void json_line(benchmark::State& state) {
  report_packet(state, [](Output& output) { return make_json_reporter(output, false, {"bench.pcap"}); });
}
BENCHMARK(json_line);

}  // namespace
