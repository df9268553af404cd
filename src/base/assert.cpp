// Ends the program where one of its own promises is broken.
#include <espdump/assert.hpp>

#include <cstdio>
#include <cstdlib>

namespace espdump {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "espdump: internal error: %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace espdump
