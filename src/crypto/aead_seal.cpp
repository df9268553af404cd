// The way back of what aead.cpp opens: a body is encrypted and its ICV made. Only test input for gateways needs it.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>

#include "crypto/aead.hpp"

namespace espdump {
namespace {

bool finish_seal(evp_cipher_ctx_st* context) noexcept {
  std::array<std::uint8_t, EVP_MAX_BLOCK_LENGTH> nothing;
  int written = 0;
  return EVP_CipherFinal_ex(context, nothing.data(), &written) == 1;
}

bool get_tag(evp_cipher_ctx_st* context, MutableBytes icv) noexcept {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(icv.size()), icv.data()) == 1;
}

}  // namespace

bool Aead::seal(const SealedBody& body, Bytes plaintext, MutableBytes ciphertext, MutableBytes icv) noexcept {
  if (plaintext.size() > openssl::largest_message || ciphertext.size() != plaintext.size()) return false;
  Nonce storage{};
  const Bytes nonce = make_nonce(body.iv, storage);
  bool good = false;
  switch (primitive_) {
    case Primitive::aes_gcm: good = seal_gcm(body.aad, nonce, plaintext, ciphertext); break;
    case Primitive::aes_ccm: good = seal_ccm(body.aad, nonce, plaintext, ciphertext); break;
    case Primitive::aes_gmac: good = seal_gmac(body, nonce, plaintext, ciphertext); break;
    case Primitive::chacha20_poly1305:
      return icv.size() == crypto_aead_chacha20poly1305_ietf_ABYTES &&
             crypto_aead_chacha20poly1305_ietf_encrypt_detached(
                 ciphertext.data(), icv.data(), nullptr, plaintext.data(), plaintext.size(), body.aad.data(),
                 body.aad.size(), nullptr, nonce.data(), reveal(key_).data()) == 0;
    default: return false;
  }
  good = good && get_tag(context_.get(), icv);
  if (!good) ERR_clear_error();
  return good;
}

bool Aead::seal_gcm(Bytes aad, Bytes nonce, Bytes plaintext, MutableBytes ciphertext) noexcept {
  evp_cipher_ctx_st* context = context_.get();
  return openssl::set_iv(context, nonce) && openssl::update_aad(context, aad) &&
         openssl::update(context, plaintext, ciphertext) && finish_seal(context);
}

// CCM must know all lengths before anything else.
bool Aead::seal_ccm(Bytes aad, Bytes nonce, Bytes plaintext, MutableBytes ciphertext) noexcept {
  evp_cipher_ctx_st* context = context_.get();
  int written = 0;
  return openssl::set_iv(context, nonce) &&
         EVP_CipherUpdate(context, nullptr, &written, nullptr, static_cast<int>(plaintext.size())) == 1 &&
         openssl::update_aad(context, aad) && openssl::update(context, plaintext, ciphertext) && finish_seal(context);
}

// Nothing is encrypted: IV and body are authenticated data (RFC 4543 section 3.3).
bool Aead::seal_gmac(const SealedBody& body, Bytes nonce, Bytes plaintext, MutableBytes ciphertext) noexcept {
  evp_cipher_ctx_st* context = context_.get();
  std::copy(plaintext.begin(), plaintext.end(), ciphertext.begin());
  return openssl::set_iv(context, nonce) && openssl::update_aad(context, body.aad) &&
         openssl::update_aad(context, body.iv) && openssl::update_aad(context, plaintext) && finish_seal(context);
}

}  // namespace espdump
