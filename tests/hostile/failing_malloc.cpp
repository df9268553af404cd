// Preloaded, it lets one allocation of a program fail: that with the number in FAIL_AT. With COUNT_TO the number of all
// allocations is written to that descriptor at the end.
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

// What glibc calls the functions that are hidden here.
// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" void* __libc_malloc(std::size_t size);
extern "C" void* __libc_calloc(std::size_t count, std::size_t size);
extern "C" void* __libc_realloc(void* old, std::size_t size);
extern "C" void* __libc_memalign(std::size_t alignment, std::size_t size);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

namespace {

std::atomic<unsigned long> wanted{0}, calls{0};

__attribute__((constructor)) void begin() {
  const char* number = std::getenv("FAIL_AT");
  calls = 0;
  wanted = number != nullptr ? std::strtoul(number, nullptr, 10) : 0;
}

__attribute__((destructor)) void end() {
  const char* descriptor = std::getenv("COUNT_TO");
  if (descriptor != nullptr) dprintf(static_cast<int>(std::strtol(descriptor, nullptr, 10)), "%lu\n", calls.load());
}

bool fails() {
  if (++calls != wanted) return false;
  errno = ENOMEM;
  return true;
}

}  // namespace

extern "C" void* malloc(std::size_t size) noexcept { return fails() ? nullptr : __libc_malloc(size); }
extern "C" void* calloc(std::size_t count, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_calloc(count, size);
}
extern "C" void* realloc(void* old, std::size_t size) noexcept { return fails() ? nullptr : __libc_realloc(old, size); }
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
