// What libipsec-mb opens in less time than OpenSSL, one packet at a time: AES-GCM, AES-GMAC, ChaCha20-Poly1305,
// AES-CBC. A build without it has the same functions, which say so.
#pragma once

#include <memory>
#include <string>

#include <espdump/bytes.hpp>
#include <espdump/result.hpp>
#include <espdump/sa.hpp>

namespace espdump {
struct SealedBody;
}

namespace espdump::ipsec_mb {

// A key, expanded for opening; wiped at its end. Not for two threads at once.
class AeadKey {
 public:
  AeadKey() = default;
  AeadKey(const AeadKey&) = delete;
  AeadKey& operator=(const AeadKey&) = delete;
  virtual ~AeadKey() = default;

  // Verifies and decrypts into `out`, of the size of the ciphertext. False where the ICV is wrong; `out` is then
  // unspecified and must be wiped by the caller. Neither AAD nor ciphertext may be empty, as in ESP they never are.
  virtual bool open(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept = 0;
};

// The same of a cipher alone.
class CbcKey {
 public:
  CbcKey() = default;
  CbcKey(const CbcKey&) = delete;
  CbcKey& operator=(const CbcKey&) = delete;
  virtual ~CbcKey() = default;

  // `ciphertext` is whole blocks, `out` of its size. False on failure.
  virtual bool decrypt(Bytes iv, Bytes ciphertext, MutableBytes out) noexcept = 0;
};

// Error: this build or this CPU cannot use the library, and what to do.
Status usable();
// Null where the library cannot be used, or has no such algorithm or no keys of that length for it.
std::unique_ptr<AeadKey> keyed_aead(Primitive primitive, Bytes key);
std::unique_ptr<CbcKey> keyed_cbc(Primitive primitive, Bytes key);

// Of the library that runs; empty in a build without it.
std::string version();

}  // namespace espdump::ipsec_mb
