// Which of the libraries that can open packets are there.
#include <espdump/crypto.hpp>

#include "crypto/gcrypt.hpp"
#include "crypto/ipsec_mb.hpp"
#include "crypto/openssl.hpp"

namespace espdump {

Status can_use(CryptoBackend backend) {
  return backend == CryptoBackend::ipsec_mb ? ipsec_mb::usable() : Status{Nothing{}};
}

void load_ciphers() noexcept {
  openssl::load();
  gcrypt::load();
}

}  // namespace espdump
