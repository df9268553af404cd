// An allocator for large tables that are looked up at random: the kernel is asked for pages of 2 MiB, where it has
// them to give, so that neither page faults nor misses of the TLB outweigh the lookup.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <limits>
#include <new>

namespace espdump {

template <typename T>
struct HugePages {
  using value_type = T;

  HugePages() = default;
  template <typename Other>
  explicit HugePages(const HugePages<Other>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / 4 / sizeof(T)) throw std::bad_array_new_length{};
    const std::size_t size = count * sizeof(T), rounded = (size + page - 1) / page * page;
    void* memory = size < page ? ::operator new(size) : ::operator new (rounded, std::align_val_t{page});
#ifdef MADV_HUGEPAGE
    if (size >= page) madvise(memory, rounded, MADV_HUGEPAGE);  // a wish: where it is not granted, nothing is lost
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    if (count * sizeof(T) < page)
      ::operator delete(memory);
    else
      ::operator delete (memory, std::align_val_t{page});
  }

  bool operator==(const HugePages&) const = default;

 private:
  static constexpr std::size_t page = std::size_t{2} << 20;
};

}  // namespace espdump
