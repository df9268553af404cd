// Assertions that stay in release builds: a broken promise inside the program ends it, a bad packet never does.
#pragma once

namespace espdump {
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}

#define ESPDUMP_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::espdump::assertion_failed(#expression, __FILE__, __LINE__))
