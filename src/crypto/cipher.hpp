// Ciphers without integrity of their own: NULL, the CBC ciphers and AES-CTR.
#pragma once

#include <espdump/crypto.hpp>
#include <espdump/sa.hpp>

#include "crypto/gcrypt.hpp"
#include "crypto/ipsec_mb.hpp"
#include "crypto/nettle.hpp"
#include "crypto/openssl.hpp"

namespace espdump {

class BodyCipher {
 public:
  // Error: algorithm not available, key of a wrong length.
  static Result<BodyCipher> make(const AlgorithmUse& use, CryptoBackend backend = CryptoBackend::openssl);

  // What a ciphertext must be a multiple of; 1 where every length will do.
  [[nodiscard]] std::size_t cipher_block() const { return cipher_block_; }
  // `out` has the size of `ciphertext`, `iv` that of the algorithm. False on failure; `out` is then unspecified.
  bool decrypt(Bytes iv, Bytes ciphertext, MutableBytes out) noexcept;

 private:
  Status set_key(const AlgorithmInfo& info, Bytes key, CryptoBackend backend);
  bool decrypt_counter(Bytes iv, Bytes ciphertext, MutableBytes out) noexcept;

  std::unique_ptr<ipsec_mb::CbcKey> ipsec_mb_;  // of what it has, where it is wanted
  openssl::CipherContext context_;              // of what OpenSSL has
  gcrypt::CipherContext gcrypt_;                // of what it has not
  nettle::CipherContext nettle_;                // of what both have not; none of the four for NULL
  Secret key_;                                  // only CTR reads it again, for the nonce behind the key
  bool counter_mode_ = false;
  std::size_t cipher_block_ = 1;
};

}  // namespace espdump
