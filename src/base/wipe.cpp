// Wiping memory.
#include <sodium.h>

#include <espdump/bytes.hpp>

namespace espdump {

void wipe(MutableBytes bytes) noexcept { sodium_memzero(bytes.data(), bytes.size()); }

}  // namespace espdump
