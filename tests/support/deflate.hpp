// Deflates for tests: raw streams without any header, as IPComp carries them.
#pragma once

#include "support/craft.hpp"

namespace espdump::test {

// With a window of 2 to the power of `window` bytes; level 0 stores.
Octets deflated(const Octets& bytes, int window = 11, int level = 9);

}  // namespace espdump::test
