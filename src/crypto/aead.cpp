// Ciphers that authenticate: AES-GCM (RFC 4106), AES-CCM (RFC 4309), AES-GMAC (RFC 4543), ChaCha20-Poly1305 (RFC 7634).
// Nonce of all of them: the salt behind the key, then the IV of the packet, or its number instead (RFC 8750).
#include "crypto/aead.hpp"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <algorithm>

#include "base/prefetch.hpp"

namespace espdump {
namespace {

// For decryption EVP_CTRL_AEAD_SET_TAG only reads, but its parameter is not const.
bool set_tag(evp_cipher_ctx_st* context, Bytes icv) noexcept {
  return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(icv.size()),
                             const_cast<std::uint8_t*>(icv.data())) == 1;
}

bool finish(evp_cipher_ctx_st* context) noexcept {
  std::array<std::uint8_t, EVP_MAX_BLOCK_LENGTH> nothing;
  int written = 0;
  return EVP_CipherFinal_ex(context, nothing.data(), &written) == 1;
}

// CCM wants the sizes of nonce and ICV before the key.
Result<openssl::CipherContext> keyed_ccm(Bytes key, std::size_t nonce_size, std::size_t icv_size,
                                         openssl::Direction direction) {
  const int encrypt = static_cast<int>(direction);
  const std::string name = openssl::sized_name("AES-{}-CCM", key.size());
  const auto algorithm = openssl::cipher({name});
  if (!algorithm) return Unexpected{algorithm.error()};
  openssl::CipherContext context{EVP_CIPHER_CTX_new()};
  EVP_CIPHER_CTX* raw = context.get();
  if (raw == nullptr || EVP_CipherInit_ex2(raw, *algorithm, nullptr, nullptr, encrypt, nullptr) != 1 ||
      EVP_CIPHER_CTX_get_key_length(raw) != static_cast<int>(key.size()) ||
      EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce_size), nullptr) != 1 ||
      EVP_CIPHER_CTX_ctrl(raw, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(icv_size), nullptr) != 1 ||
      EVP_CipherInit_ex2(raw, nullptr, key.data(), nullptr, encrypt, nullptr) != 1) {
    ERR_clear_error();
    return fail(fmt::format("OpenSSL refuses the key of {}", name));
  }
  return context;
}

}  // namespace

Result<Aead> Aead::make(const AlgorithmUse& use, openssl::Direction direction, CryptoBackend backend) {
  const AlgorithmInfo& info = *use.info;
  Aead aead;
  aead.primitive_ = info.primitive;
  aead.key_ = use.key;
  aead.salt_ = info.salt;
  if (use.key.size() <= info.salt) return fail(fmt::format("the key of {} is too short", info.label));
  const Bytes key = reveal(use.key).first(use.key.size() - info.salt);
  if (!is_legal_icv(info, use.icv_bits)) return fail(fmt::format("{} has no ICV of {} bits", info.label, use.icv_bits));
  if (backend != CryptoBackend::openssl && direction == openssl::Direction::decrypt)
    aead.ipsec_mb_ = ipsec_mb::keyed_aead(info.primitive, key);
  if (aead.ipsec_mb_ != nullptr) return aead;
  Result<openssl::CipherContext> context = openssl::CipherContext{};
  switch (info.primitive) {
    case Primitive::aes_gcm:
    case Primitive::aes_gmac:
      context = openssl::keyed_cipher({openssl::sized_name("AES-{}-GCM", key.size())}, key, direction);
      break;
    case Primitive::aes_ccm: context = keyed_ccm(key, info.salt + iv_size, use.icv_bits / 8U, direction); break;
    case Primitive::chacha20_poly1305:
      if (sodium_init() < 0) return fail("ChaCha20-Poly1305 is not available: libsodium does not start");
      if (key.size() != crypto_aead_chacha20poly1305_ietf_KEYBYTES)
        return fail("a key of ChaCha20-Poly1305 has 256 bits");
      return aead;
    default: return fail(fmt::format("{} is not an AEAD", info.label));
  }
  if (!context) return Unexpected{context.error()};
  aead.context_ = std::move(*context);
  const bool is_gcm = info.primitive == Primitive::aes_gcm || info.primitive == Primitive::aes_gmac;
  if (is_gcm && direction == openssl::Direction::decrypt)
    aead.context_has_salt_ = openssl::salt_gcm(aead.context_.get(), reveal(use.key).last(info.salt));
  return aead;
}

bool Aead::open(const SealedBody& body, MutableBytes out) noexcept {
  if (body.ciphertext.size() > openssl::largest_message || out.size() != body.ciphertext.size()) return false;
  Nonce storage{};
  const Bytes nonce = context_has_salt_ ? Bytes{} : make_nonce(body.iv, storage);
  if (ipsec_mb_ != nullptr) return ipsec_mb_->open(body, nonce, out);
  bool good = false;
  switch (primitive_) {
    case Primitive::aes_gcm: good = open_gcm(body, nonce, out); break;
    case Primitive::aes_ccm: good = open_ccm(body, nonce, out); break;
    case Primitive::aes_gmac: good = open_gmac(body, nonce, out); break;
    case Primitive::chacha20_poly1305: good = open_chacha(body, nonce, out); break;
    default: break;
  }
  if (!good) ERR_clear_error();
  return good;
}

void Aead::expect() const noexcept {
  constexpr std::size_t round_keys_and_more = 512;
  if (ipsec_mb_ != nullptr) prefetch(ipsec_mb_.get(), round_keys_and_more);
  if (context_ != nullptr) prefetch(context_.get(), 128);
  prefetch(reveal(key_).data(), key_.size());
}

bool Aead::verify(const SealedBody& body) noexcept {
  if (primitive_ == Primitive::chacha20_poly1305 && ipsec_mb_ == nullptr) {
    Nonce nonce{};
    return open_chacha(body, make_nonce(body.iv, nonce), {});
  }
  try {
    scratch_.resize(std::max(scratch_.size(), body.ciphertext.size()));
  } catch (...) {
    return false;
  }
  const MutableBytes out = MutableBytes{scratch_}.first(body.ciphertext.size());
  const bool good = open(body, out);
  wipe(out);
  return good;
}

Bytes Aead::make_nonce(Bytes iv, Nonce& nonce) const noexcept {
  const Bytes salt = reveal(key_).last(salt_);
  const auto behind = std::copy(salt.begin(), salt.end(), nonce.begin());
  std::copy(iv.begin(), iv.end(), behind);
  return Bytes{nonce}.first(salt.size() + iv.size());
}

bool Aead::begin_gcm(const SealedBody& body, Bytes nonce) noexcept {
  evp_cipher_ctx_st* context = context_.get();
  if (context_has_salt_) return openssl::begin_gcm(context, body.iv, body.icv);
  return openssl::set_iv(context, nonce) && set_tag(context, body.icv);
}

bool Aead::open_gcm(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept {
  evp_cipher_ctx_st* context = context_.get();
  return begin_gcm(body, nonce) && openssl::update_aad(context, body.aad) &&
         openssl::update(context, body.ciphertext, out) && finish(context);
}

// CCM verifies inside the one update, and must know all lengths before it.
bool Aead::open_ccm(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept {
  evp_cipher_ctx_st* context = context_.get();
  int written = 0;
  return openssl::set_iv(context, nonce) && set_tag(context, body.icv) &&
         EVP_DecryptUpdate(context, nullptr, &written, nullptr, static_cast<int>(body.ciphertext.size())) == 1 &&
         openssl::update_aad(context, body.aad) && openssl::update(context, body.ciphertext, out);
}

// Nothing is encrypted: IV and body are authenticated data (RFC 4543 section 3.3).
bool Aead::open_gmac(const SealedBody& body, Bytes nonce, MutableBytes out) noexcept {
  evp_cipher_ctx_st* context = context_.get();
  if (!(begin_gcm(body, nonce) && openssl::update_aad(context, body.aad) && openssl::update_aad(context, body.iv) &&
        openssl::update_aad(context, body.ciphertext) && finish(context)))
    return false;
  std::copy(body.ciphertext.begin(), body.ciphertext.end(), out.begin());
  return true;
}

// Without a place for the plaintext libsodium only verifies.
bool Aead::open_chacha(const SealedBody& body, Bytes nonce, MutableBytes out) const noexcept {
  return crypto_aead_chacha20poly1305_ietf_decrypt_detached(
             out.empty() ? nullptr : out.data(), nullptr, body.ciphertext.data(), body.ciphertext.size(),
             body.icv.data(), body.aad.data(), body.aad.size(), nonce.data(), reveal(key_).data()) == 0;
}

}  // namespace espdump
