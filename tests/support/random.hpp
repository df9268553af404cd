// Random input for tests against slow models: the seed is shown on failure, ESPDUMP_SEED repeats it.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace espdump::test {

class Random {
 public:
  Random() : seed_(chosen_seed()), engine_(seed_) {}
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  // From 0 to `limit` - 1.
  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>{0, limit - 1}(engine_);
  }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }

 private:
  static std::uint64_t chosen_seed() {
    if (const char* text = std::getenv("ESPDUMP_SEED")) return std::stoull(text);
    return std::random_device{}();
  }
  std::uint64_t seed_;
  std::mt19937_64 engine_;
};

}  // namespace espdump::test
