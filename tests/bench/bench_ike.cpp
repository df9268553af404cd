// Opening an IKE_AUTH request that a daemon sent, and trying the keys of another IKE SA on it.
#include <benchmark/benchmark.h>

#include <stdexcept>

#include "bench/bench_support.hpp"
#include "crypto/ike_open.hpp"
#include "support/ike_vectors.hpp"

using namespace espdump;
using namespace espdump::bench;

namespace {

void open_sk(benchmark::State& state, const char* name, bool with_its_keys) {
  SecretArena arena;
  for (const test::IkeRow& row : test::ike_rows("sk.txt")) {
    if (row.text(0) != name) continue;
    IkeKeys keys;
    const std::size_t initiator = with_its_keys ? 2 : 3;  // the other direction's serve as those of another SA
    keys.sk_ei = arena.store(row.bytes(initiator));
    keys.sk_ai = arena.store(row.bytes(initiator + 2));
    const Octets octets = row.bytes(6);
    const Bytes message{octets};
    const std::size_t start = test::start_of_sealed_body(message);
    auto opener = IkeOpener::make(test::ike_suite(row.text(1)), keys);
    if (!opener) throw std::runtime_error("the keys of a benchmark are not usable");
    Octets out(opener->plaintext_size(message.subspan(start)).value());
    bool good = true;
    for ([[maybe_unused]] auto ignored : state) {
      const bool opened = opener->open(true, message.first(start), message.subspan(start), out).has_value();
      good = good && opened == with_its_keys;
      benchmark::DoNotOptimize(out.data());
    }
    if (!good) state.SkipWithError("the message does not open as it should");
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(message.size()));
    return;
  }
  throw std::runtime_error("the message of a benchmark is not there");
}

BENCHMARK_CAPTURE(open_sk, aes256_gcm, "linux-ikev2-psk-rekey-7", true);
BENCHMARK_CAPTURE(open_sk, aes256_gcm_of_another, "linux-ikev2-psk-rekey-7", false);
BENCHMARK_CAPTURE(open_sk, chacha20_poly1305, "linux-beet-natt-chacha20-5", true);
BENCHMARK_CAPTURE(open_sk, aes128_cbc_sha256, "linux-ike-eap-7", true);

}  // namespace
