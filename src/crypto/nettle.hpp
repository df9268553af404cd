// The cipher that neither OpenSSL nor libgcrypt has, from nettle: Twofish with keys of 192 bits, in CBC mode.
// A build without nettle has the same functions, which say so.
#pragma once

#include <memory>
#include <string>

#include <espdump/bytes.hpp>
#include <espdump/result.hpp>
#include <espdump/sa.hpp>

struct twofish_ctx;

namespace espdump::nettle {

struct Close {
  void operator()(twofish_ctx*) const noexcept;  // wipes the expanded key
};
using CipherContext = std::unique_ptr<twofish_ctx, Close>;

// A context with the key in it. Error: another cipher, a key of another length, or a build without nettle.
Result<CipherContext> keyed_cbc(const AlgorithmInfo& info, Bytes key);
// `out` has the size of `in`, which is whole blocks. False on failure.
bool decrypt(const twofish_ctx* context, Bytes iv, Bytes in, MutableBytes out) noexcept;

// Of the library that runs; empty in a build without it.
std::string version();

}  // namespace espdump::nettle
