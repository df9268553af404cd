// Keeps keys out of core dumps and away from debuggers on Linux.
#include <sys/prctl.h>
#include <sys/resource.h>

#include "keys/process.hpp"

namespace espdump::keys {

void forbid_core_dumps_here() noexcept {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // The limit alone does not hold back a core_pattern that pipes to a program.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace espdump::keys
