// Key bytes in a few guarded regions. One guarded allocation per key would meet the limit on memory
// mappings at some 16,000 keys.
#include <sodium.h>

#include <espdump/assert.hpp>
#include <espdump/secret.hpp>

#include <algorithm>
#include <utility>
#include <vector>

#include "keys/process.hpp"

namespace espdump {

struct SecretArena::State {
  struct Region {
    std::uint8_t* bytes;
    std::size_t size;
    std::size_t used;
  };
  std::vector<Region> regions;
  bool sealed = false;

  State() { ESPDUMP_ASSERT(sodium_init() >= 0); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    for (const Region& region : regions) sodium_free(region.bytes);  // wipes
  }
};

SecretArena::SecretArena() : state_(std::make_unique<State>()) {}
SecretArena::SecretArena(SecretArena&&) noexcept = default;
SecretArena& SecretArena::operator=(SecretArena&&) noexcept = default;
SecretArena::~SecretArena() = default;

MutableBytes SecretArena::allocate(std::size_t size, Secret& handle) {
  constexpr std::size_t first_region = 64 * 1024, largest_region = 1024 * 1024;
  ESPDUMP_ASSERT(!state_->sealed);
  handle = Secret{};
  if (size == 0) return {};
  auto& regions = state_->regions;
  if (regions.empty() || regions.back().size - regions.back().used < size) {
    const std::size_t usual = regions.empty() ? first_region : std::min(regions.back().size * 2, largest_region);
    const std::size_t wanted = std::max(size, std::max(usual, first_region));
    auto* bytes = static_cast<std::uint8_t*>(sodium_malloc(wanted));
    ESPDUMP_ASSERT(bytes != nullptr);
    regions.push_back({bytes, wanted, 0});
  }
  State::Region& region = regions.back();
  const MutableBytes out{region.bytes + region.used, size};
  region.used += size;
  handle = Secret{out.data(), size};
  return out;
}

Secret SecretArena::store(Bytes bytes) {
  Secret handle;
  const MutableBytes out = allocate(bytes.size(), handle);
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return handle;
}

void SecretArena::seal() {
  state_->sealed = true;
  for (const auto& region : state_->regions) sodium_mprotect_readonly(region.bytes);
}

Bytes reveal(const Secret& secret) noexcept { return {secret.bytes_, secret.size_}; }

bool same_secret(const Secret& one, const Secret& two) noexcept {
  return one.size_ == two.size_ && (one.size_ == 0 || sodium_memcmp(one.bytes_, two.bytes_, one.size_) == 0);
}

void forbid_core_dumps() noexcept { keys::forbid_core_dumps_here(); }

}  // namespace espdump
