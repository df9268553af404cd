// Ciphers that OpenSSL does not have, from libgcrypt: Serpent and Twofish in CBC mode.
// A build without libgcrypt has the same functions, which say so.
#pragma once

#include <memory>
#include <string>

#include <espdump/bytes.hpp>
#include <espdump/result.hpp>
#include <espdump/sa.hpp>

struct gcry_cipher_handle;

namespace espdump::gcrypt {

struct Close {
  void operator()(gcry_cipher_handle*) const noexcept;  // wipes the expanded key
};
using CipherContext = std::unique_ptr<gcry_cipher_handle, Close>;

// A context with the key in it. Error: a key of another length, or a build without libgcrypt.
Result<CipherContext> keyed_cbc(const AlgorithmInfo& info, Bytes key);
// `out` has the size of `in`, which is whole blocks. False on failure.
bool decrypt(gcry_cipher_handle* context, Bytes iv, Bytes in, MutableBytes out) noexcept;

// Starts the library, which reads its configuration then.
void load() noexcept;

// Of the library that runs; empty in a build without it.
std::string version();

}  // namespace espdump::gcrypt
