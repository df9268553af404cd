// Ciphers that authenticate: AES-GCM, AES-CCM, AES-GMAC and ChaCha20-Poly1305, with IVs sent or implicit.
#pragma once

#include <array>
#include <vector>

#include <espdump/crypto.hpp>
#include <espdump/sa.hpp>

#include "crypto/ipsec_mb.hpp"
#include "crypto/openssl.hpp"

namespace espdump {

// What one packet gives an AEAD.
struct SealedBody {
  Bytes aad;  // SPI, high half under ESN, sequence number
  Bytes iv;   // eight bytes: as sent, or the sequence number that RFC 8750 takes for it
  Bytes ciphertext, icv;
};

class Aead {
 public:
  // Error: algorithm not available, key or ICV of a wrong length.
  static Result<Aead> make(const AlgorithmUse& use, openssl::Direction direction = openssl::Direction::decrypt,
                           CryptoBackend backend = CryptoBackend::openssl);
  static constexpr std::size_t iv_size = 8;  // of all of them

  // Verifies and decrypts into `out`, of the size of the ciphertext. False where the ICV is wrong; `out` is then
  // unspecified and must be wiped by the caller.
  bool open(const SealedBody& body, MutableBytes out) noexcept;
  // Asks for the key, before a packet is opened.
  void expect() const noexcept;
  // Verifies alone.
  bool verify(const SealedBody& body) noexcept;
  // Encrypts `plaintext` into the ciphertext of the same size and makes the ICV, under the AAD and IV of `body`, whose
  // other members do not count. False on failure. Only of one made to encrypt.
  bool seal(const SealedBody& body, Bytes plaintext, MutableBytes ciphertext, MutableBytes icv) noexcept;

 private:
  using Nonce = std::array<std::uint8_t, 12>;
  [[nodiscard]] Bytes make_nonce(Bytes iv, Nonce& nonce) const noexcept;
  bool begin_gcm(const SealedBody& body, Bytes nonce) noexcept;
  bool open_gcm(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept;
  bool open_ccm(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept;
  bool open_gmac(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept;
  bool open_chacha(const SealedBody& body, Bytes nonce, MutableBytes out) const noexcept;
  bool seal_gcm(Bytes aad, Bytes nonce, Bytes plaintext, MutableBytes ciphertext) noexcept;
  bool seal_ccm(Bytes aad, Bytes nonce, Bytes plaintext, MutableBytes ciphertext) noexcept;
  bool seal_gmac(const SealedBody& body, Bytes nonce, Bytes plaintext, MutableBytes ciphertext) noexcept;

  Primitive primitive_ = Primitive::none;
  std::unique_ptr<ipsec_mb::AeadKey> ipsec_mb_;  // opens, where it is there
  openssl::CipherContext context_;               // none then, nor for ChaCha20-Poly1305, which libsodium opens
  Secret key_;                                   // read again for the salt, and by libsodium
  std::size_t salt_ = 0;
  bool context_has_salt_ = false;
  std::vector<std::uint8_t> scratch_;  // what verify() decrypts into; zeros between calls
};

}  // namespace espdump
