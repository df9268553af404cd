// Keeps keys out of core dumps where only POSIX can be relied on.
#include <sys/resource.h>

#include "keys/process.hpp"

namespace espdump::keys {

void forbid_core_dumps_here() noexcept {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
}

}  // namespace espdump::keys
