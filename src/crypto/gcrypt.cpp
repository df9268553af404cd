// Serpent and Twofish in CBC mode (no RFC; as Linux and strongSwan use them), for builds with libgcrypt.
#include "crypto/gcrypt.hpp"

#include <fmt/core.h>
#include <gcrypt.h>

#include <algorithm>
#include <array>

namespace espdump::gcrypt {
namespace {

constexpr std::size_t serpent_key_size = 32;

// libgcrypt's own locked memory stays off: its pool is small, and contexts are wiped when closed, as OpenSSL's are.
bool start() noexcept {
  static const bool started = [] {
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) != 0) return true;  // by a program that uses this library
    if (gcry_check_version(GCRYPT_VERSION) == nullptr) return false;
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    return gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0) == 0;
  }();
  return started;
}

// 0 where there is none: libgcrypt leaves out Twofish with 192 bits.
int algorithm(Primitive primitive, std::size_t key_size) {
  if (primitive == Primitive::serpent_cbc) return key_size <= serpent_key_size ? GCRY_CIPHER_SERPENT256 : 0;
  if (primitive != Primitive::twofish_cbc) return 0;
  if (key_size == 16) return GCRY_CIPHER_TWOFISH128;
  return key_size == 32 ? GCRY_CIPHER_TWOFISH : 0;
}

// Serpent makes 256 bits of every shorter key: a bit of one behind it, then zeros. libgcrypt itself does so for 128 and
// 192 bits only, Linux for any number of bytes.
gcry_error_t set_serpent_key(gcry_cipher_handle* context, Bytes key) {
  std::array<std::uint8_t, serpent_key_size> whole{};
  std::copy(key.begin(), key.end(), whole.begin());
  if (key.size() < whole.size()) whole[key.size()] = 1;
  const gcry_error_t error = gcry_cipher_setkey(context, whole.data(), whole.size());
  wipe(whole);
  return error;
}

gcry_error_t set_key(gcry_cipher_handle* context, Primitive primitive, Bytes key) {
  if (primitive == Primitive::serpent_cbc) return set_serpent_key(context, key);
  return gcry_cipher_setkey(context, key.data(), key.size());
}

}  // namespace

void Close::operator()(gcry_cipher_handle* context) const noexcept { gcry_cipher_close(context); }

Result<CipherContext> keyed_cbc(const AlgorithmInfo& info, Bytes key) {
  if (!start()) return fail(fmt::format("{} is not available: libgcrypt does not start", info.label));
  const int wanted = algorithm(info.primitive, key.size());
  if (wanted == 0)
    return fail(fmt::format("{} with keys of {} bits is not available: libgcrypt does not have it", info.label,
                            key.size() * 8));
  gcry_cipher_handle* raw = nullptr;
  gcry_error_t error = gcry_cipher_open(&raw, wanted, GCRY_CIPHER_MODE_CBC, 0);
  CipherContext context{raw};
  if (error == 0) error = set_key(raw, info.primitive, key);
  if (error != 0) return fail(fmt::format("{} is not available: libgcrypt: {}", info.label, gcry_strerror(error)));
  return context;
}

bool decrypt(gcry_cipher_handle* context, Bytes iv, Bytes in, MutableBytes out) noexcept {
  return gcry_cipher_setiv(context, iv.data(), iv.size()) == 0 &&
         gcry_cipher_decrypt(context, out.data(), out.size(), in.data(), in.size()) == 0;
}

void load() noexcept { start(); }

std::string version() { return gcry_check_version(nullptr); }

}  // namespace espdump::gcrypt
