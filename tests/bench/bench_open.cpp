// Verifying and decrypting alone, for each suite that the tests can seal.
#include <benchmark/benchmark.h>

#include <cstring>
#include <stdexcept>

#include "bench/bench_support.hpp"
#include "crypto/esp_open.hpp"

using namespace espdump;
using namespace espdump::bench;

namespace {

void open_esp(benchmark::State& state, const char* algorithms, CryptoBackend backend = CryptoBackend::openssl) {
  const auto size = static_cast<std::size_t>(state.range(0));
  if (const Status usable = can_use(backend); !usable) return state.SkipWithError(usable.error().text.c_str());
  const Keystore store = store_of(dump_text(1, algorithms));
  auto transform = EspTransform::make(store.associations()[0], backend);
  const Octets esp = test::seal_esp(test::seal_from_text(algorithms), first_spi, 1, 4, inner_packet(size));
  const auto parts = transform ? transform->split(esp) : std::nullopt;
  if (!parts) throw std::runtime_error("the suite of a benchmark is not usable");
  Octets out(parts->ciphertext.size());
  bool good = true;
  for ([[maybe_unused]] auto ignored : state) {
    good = good && transform->open(*parts, 0, out) != EspTransform::Outcome::bad_icv;
    benchmark::DoNotOptimize(out.data());
  }
  if (!good) state.SkipWithError("the ICV does not verify");
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void sizes(benchmark::internal::Benchmark* bench) { bench->ArgName("bytes")->Arg(64)->Arg(1400); }

#define ESPDUMP_KEY16 "0x000102030405060708090a0b0c0d0e0f"
#define ESPDUMP_KEY32 ESPDUMP_KEY16 "101112131415161718191a1b1c1d1e1f"

// With OpenSSL (but ChaCha20-Poly1305, which libsodium does), then with libipsec-mb where it has any part in it.
#define ESPDUMP_OPEN(name, algorithms) BENCHMARK_CAPTURE(open_esp, name, algorithms)->Apply(sizes)
#define ESPDUMP_OPEN_BOTH(name, algorithms) \
  ESPDUMP_OPEN(name, algorithms);           \
  BENCHMARK_CAPTURE(open_esp, name##_ipsec_mb, algorithms, CryptoBackend::ipsec_mb)->Apply(sizes)

ESPDUMP_OPEN_BOTH(aes128_gcm, "aead rfc4106(gcm(aes)) " ESPDUMP_KEY16 "10111213 128");
ESPDUMP_OPEN_BOTH(aes256_gcm, "aead rfc4106(gcm(aes)) " ESPDUMP_KEY32 "20212223 128");
ESPDUMP_OPEN_BOTH(chacha20_poly1305, "aead rfc7539esp(chacha20,poly1305) " ESPDUMP_KEY32 "20212223 128");
ESPDUMP_OPEN_BOTH(aes128_cbc_sha1, "auth-trunc hmac(sha1) " ESPDUMP_KEY16 "10111213 96 / enc cbc(aes) " ESPDUMP_KEY16);
ESPDUMP_OPEN_BOTH(aes256_cbc_sha256, "auth-trunc hmac(sha256) " ESPDUMP_KEY32 " 128 / enc cbc(aes) " ESPDUMP_KEY32);
ESPDUMP_OPEN(null_sha1, "auth-trunc hmac(sha1) " ESPDUMP_KEY16 "10111213 96 / enc ecb(cipher_null)");

}  // namespace
