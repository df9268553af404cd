// SHA-1 through OpenSSL; all zeros, which no peer sends, where this OpenSSL refuses it.
#include "crypto/sha1.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>

namespace espdump {

std::array<std::uint8_t, 20> sha1(Bytes bytes) {
  std::array<std::uint8_t, 20> out{};
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha1(), nullptr) != 1) {
    out.fill(0);
    ERR_clear_error();
  }
  return out;
}

}  // namespace espdump
