// Memory that will be read soon, asked for ahead of time.
#pragma once

#include <cstddef>

namespace espdump {

// The cache lines of `size` bytes from `from` on, which need not be readable: nothing happens then.
inline void prefetch(const void* from, std::size_t size) noexcept {
  constexpr std::size_t line = 64;
  const auto* bytes = static_cast<const char*>(from);
  for (std::size_t at = 0; at < size; at += line) __builtin_prefetch(bytes + at);
}

}  // namespace espdump
