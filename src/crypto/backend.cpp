// Which of the libraries that can open packets are there.
#include <espdump/crypto.hpp>

#include "crypto/ipsec_mb.hpp"

namespace espdump {

Status can_use(CryptoBackend backend) {
  return backend == CryptoBackend::ipsec_mb ? ipsec_mb::usable() : Status{Nothing{}};
}

}  // namespace espdump
