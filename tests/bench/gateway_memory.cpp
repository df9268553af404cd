// What judging a gateway takes in memory: gateway_memory PACKETS, so many on each side. Packets are decoded once and
// then only renumbered, so that it is the records and not the deciphering that is measured.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>

#include <espdump/decoder.hpp>

#include "analysis/gateway.hpp"
#include "bench/bench_support.hpp"

namespace {

using namespace espdump;

void fill(GatewaySide& side, const Keystore& store, std::uint64_t packets, std::int64_t later) {
  const bench::Octets bytes = bench::esp_frame(test::seal_from_text(bench::gcm), bench::first_spi, 1, 60);
  Decoder decoder{store, DecoderOptions{false, true}};
  Packet packet;
  decoder.decode({1, 0, 0, Timestamp{1'700'000'000'000'000'000 + later}, 1, bytes, bytes.size()}, packet);
  for (std::uint64_t n = 1; n <= packets; ++n) {
    packet.frame = n;
    packet.time.nanoseconds += 10'000;
    packet.ipsec().front().sequence = n;
    packet.ipsec().front().digest = n * 0x9e37'79b9'7f4a'7c15;
    side.take(packet, decoder);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::uint64_t packets = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 10'000'000;
  const Keystore store = bench::store_of(bench::dump_text(1));
  GatewaySide ingress{true}, egress{true};
  fill(ingress, store, packets, 0);
  fill(egress, store, packets, 150'000);
  const GatewayReport report = judge_gateway(ingress, egress, {});
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%llu packets a side, %llu forwarded, verdict %d: %ld MiB at most\n",
              static_cast<unsigned long long>(packets), static_cast<unsigned long long>(report.forwarded),
              static_cast<int>(report.verdict), usage.ru_maxrss / 1024);
  return 0;
}
