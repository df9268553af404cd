// Memory for RapidJSON, which does not look whether it gets any: here it does, or what operator new does happens.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>

namespace espdump {

// An allocator as RapidJSON wants one, hence its names.
struct JsonMemory {
  static constexpr bool kNeedFree = true;
  static void* Malloc(std::size_t size) { return size == 0 ? nullptr : ::operator new(size); }
  static void* Realloc(void* old, std::size_t old_size, std::size_t size) {
    void* out = Malloc(size);
    if (out != nullptr && old != nullptr) std::memcpy(out, old, std::min(old_size, size));
    Free(old);
    return out;
  }
  static void Free(void* memory) { ::operator delete(memory); }
};

}  // namespace espdump
