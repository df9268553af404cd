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

// Where OpenSSL keeps an algorithm. The legacy ones are loaded, when first wanted, into a library context of their own,
// so that nothing else in the process can get at them.
enum class Provider : std::uint8_t { standard, legacy };

// Reads OpenSSL's configuration and loads the legacy algorithms now.
void load() noexcept;

// What OpenSSL calls an algorithm, and where it has it.
struct Name {
  std::string text;
  Provider provider = Provider::standard;
};
// "AES-256-GCM" of the pattern "AES-{}-GCM" and a key of 32 bytes.
std::string sized_name(const char* pattern, std::size_t key_size);

// The cipher of that name. Error: this OpenSSL has none, or not its provider, and how to get it.
Result<const evp_cipher_st*> cipher(const Name& name);

enum class Direction : int { decrypt = 0, encrypt = 1 };
// A context with the key in it, without padding; the IV comes with each packet.
Result<CipherContext> keyed_cipher(const Name& name, Bytes key, Direction direction);
// A context of HMAC with that digest and key.
Result<MacContext> keyed_hmac(const Name& digest, Bytes key);

// The next message of a keyed context begins with this IV. False on failure.
bool set_iv(evp_cipher_ctx_st* context, Bytes iv) noexcept;
// Of a keyed context of GCM to decrypt with, whose nonces all begin with this salt of 4 bytes: makes it ready for
// begin_gcm(). False where this OpenSSL cannot.
bool salt_gcm(evp_cipher_ctx_st* context, Bytes salt) noexcept;
// Its next message has the IV of 8 bytes and this ICV. Does what set_iv() and setting the tag do, at half their
// cost: OpenSSL 3 has one search of its parameters for both. False on failure.
bool begin_gcm(evp_cipher_ctx_st* context, Bytes iv, Bytes icv) noexcept;
// Runs `in` through the cipher into `out`, which has the same size. False on failure.
bool update(evp_cipher_ctx_st* context, Bytes in, MutableBytes out) noexcept;
// Runs `in` through the cipher as additional authenticated data. False on failure.
bool update_aad(evp_cipher_ctx_st* context, Bytes in) noexcept;

// OpenSSL counts in int; no packet comes near this.
inline constexpr std::size_t largest_message = 1U << 30;

}  // namespace espdump::openssl
