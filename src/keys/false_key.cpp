#include "keys/false_key.hpp"

namespace espdump {

Secret false_key(SecretArena& arena, std::uint64_t number, std::size_t size) {
  Secret out;
  if (size == 0) return out;
  std::uint64_t state = number;
  for (std::uint8_t& byte : arena.allocate(size, out)) {
    state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;  // any bytes do, as long as they differ
    byte = static_cast<std::uint8_t>(state >> 56U);
  }
  return out;
}

}  // namespace espdump
