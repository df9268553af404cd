// OpenSSL contexts that free themselves, and algorithms fetched once per process.
// No OpenSSL header is needed to hold one.
#pragma once

#include <memory>
#include <string>

#include <espdump/bytes.hpp>
#include <espdump/result.hpp>

struct evp_cipher_st;
struct evp_cipher_ctx_st;
struct evp_mac_ctx_st;

namespace espdump::openssl {

struct Free {
  void operator()(evp_cipher_ctx_st*) const noexcept;
  void operator()(evp_mac_ctx_st*) const noexcept;
};
using CipherContext = std::unique_ptr<evp_cipher_ctx_st, Free>;
using MacContext = std::unique_ptr<evp_mac_ctx_st, Free>;

// The cipher of that OpenSSL name; nullptr where this OpenSSL has none.
const evp_cipher_st* cipher(const std::string& name) noexcept;
// "AES-256-GCM" of "AES", 32 bytes and "GCM".
std::string cipher_name(const char* family, std::size_t key_size, const char* mode);

enum class Direction : int { decrypt = 0, encrypt = 1 };
// A context with the key in it, without padding; the IV comes with each packet.
Result<CipherContext> keyed_cipher(const std::string& name, Bytes key, Direction direction);
// A context of HMAC with that digest and key.
Result<MacContext> keyed_hmac(const std::string& digest, Bytes key);

// The next message of a keyed context begins with this IV. False on failure.
bool set_iv(evp_cipher_ctx_st* context, Bytes iv) noexcept;
// Runs `in` through the cipher into `out`, which has the same size. False on failure.
bool update(evp_cipher_ctx_st* context, Bytes in, MutableBytes out) noexcept;
// Runs `in` through the cipher as additional authenticated data. False on failure.
bool update_aad(evp_cipher_ctx_st* context, Bytes in) noexcept;

// OpenSSL counts in int; no packet comes near this.
inline constexpr std::size_t largest_message = 1U << 30;

}  // namespace espdump::openssl
