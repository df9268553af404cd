// Ciphers without integrity of their own: NULL (RFC 2410), CBC (RFC 2451, RFC 3602), AES-CTR (RFC 3686).
// The key is set once; each packet brings its IV.
#include "crypto/cipher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace espdump {
namespace {

// The name OpenSSL knows the cipher by; empty where there is none.
std::string openssl_name(Primitive primitive, std::size_t key_size) {
  switch (primitive) {
    case Primitive::aes_cbc: return openssl::cipher_name("AES", key_size, "CBC");
    case Primitive::aes_ctr: return openssl::cipher_name("AES", key_size, "CTR");
    case Primitive::camellia_cbc: return openssl::cipher_name("CAMELLIA", key_size, "CBC");
    case Primitive::des3_cbc: return "DES-EDE3-CBC";
    case Primitive::sm4_cbc: return "SM4-CBC";
    default: return {};
  }
}

}  // namespace

Result<BodyCipher> BodyCipher::make(const AlgorithmUse& use) {
  const AlgorithmInfo& info = *use.info;
  BodyCipher cipher;
  if (info.primitive == Primitive::null_cipher) return cipher;
  if (use.key.size() <= info.salt) return fail(fmt::format("the key of {} is too short", info.label));
  const Bytes key = reveal(use.key).first(use.key.size() - info.salt);
  const std::string name = openssl_name(info.primitive, key.size());
  if (name.empty()) return fail(fmt::format("{} is not available in this build yet", info.label));
  auto context = openssl::keyed_cipher(name, key, openssl::Direction::decrypt);
  if (!context) return Unexpected{context.error()};
  cipher.context_ = std::move(*context);
  cipher.counter_mode_ = info.primitive == Primitive::aes_ctr;
  cipher.cipher_block_ = cipher.counter_mode_ ? 1 : info.block;
  if (cipher.counter_mode_) cipher.key_ = use.key;
  return cipher;
}

bool BodyCipher::decrypt(Bytes iv, Bytes ciphertext, MutableBytes out) noexcept {
  if (!context_) {
    std::copy(ciphertext.begin(), ciphertext.end(), out.begin());
    return true;
  }
  if (!counter_mode_) return openssl::set_iv(context_.get(), iv) && openssl::update(context_.get(), ciphertext, out);
  std::array<std::uint8_t, 16> counter{};  // nonce, IV, and a block counter that starts at 1
  const Bytes nonce = reveal(key_).last(4);
  std::copy(nonce.begin(), nonce.end(), counter.begin());
  std::copy_n(iv.begin(), 8, counter.begin() + 4);
  counter[15] = 1;
  return openssl::set_iv(context_.get(), counter) && openssl::update(context_.get(), ciphertext, out);
}

}  // namespace espdump
