// Ciphers without integrity of their own: NULL (RFC 2410), CBC (RFC 2451, RFC 3602), AES-CTR (RFC 3686).
// The key is set once; each packet brings its IV.
#include "crypto/cipher.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace espdump {
namespace {

using openssl::Provider;

// What OpenSSL calls a cipher; {} stands for the bits of the key.
struct Row {
  Primitive primitive;
  const char* pattern;
  Provider provider;
};
constexpr Row rows[] = {
    {Primitive::aes_cbc, "AES-{}-CBC", Provider::standard},
    {Primitive::aes_ctr, "AES-{}-CTR", Provider::standard},
    {Primitive::camellia_cbc, "CAMELLIA-{}-CBC", Provider::standard},
    {Primitive::des3_cbc, "DES-EDE3-CBC", Provider::standard},
    {Primitive::sm4_cbc, "SM4-CBC", Provider::standard},
    {Primitive::des_cbc, "DES-CBC", Provider::legacy},
    {Primitive::blowfish_cbc, "BF-CBC", Provider::legacy},
    {Primitive::cast5_cbc, "CAST5-CBC", Provider::legacy},
};

const Row* row_of(Primitive primitive) {
  const auto* found = std::find_if(std::begin(rows), std::end(rows),
                                   [primitive](const Row& row) { return row.primitive == primitive; });
  return found == std::end(rows) ? nullptr : found;
}

// libgcrypt has all that OpenSSL lacks, but for this.
bool is_for_nettle(const AlgorithmInfo& info, Bytes key) {
  return info.primitive == Primitive::twofish_cbc && key.size() == 24;
}

template <typename Context>
Status keep(Result<Context> made, Context& place) {
  if (!made) return Unexpected{made.error()};
  place = std::move(*made);
  return Nothing{};
}

}  // namespace

Result<BodyCipher> BodyCipher::make(const AlgorithmUse& use, CryptoBackend backend) {
  const AlgorithmInfo& info = *use.info;
  BodyCipher cipher;
  if (info.primitive == Primitive::null_cipher) return cipher;
  if (use.key.size() <= info.salt) return fail(fmt::format("the key of {} is too short", info.label));
  const Bytes key = reveal(use.key).first(use.key.size() - info.salt);
  if (key.size() < info.key_min || key.size() > info.key_max)
    return fail(fmt::format("a key of {} bits does not fit {}", key.size() * 8, info.label));
  if (Status set = cipher.set_key(info, key, backend); !set) return Unexpected{set.error()};
  cipher.counter_mode_ = info.primitive == Primitive::aes_ctr;
  cipher.cipher_block_ = cipher.counter_mode_ ? 1 : info.block;
  if (cipher.counter_mode_) cipher.key_ = use.key;
  return cipher;
}

Status BodyCipher::set_key(const AlgorithmInfo& info, Bytes key, CryptoBackend backend) {
  if (backend != CryptoBackend::openssl) ipsec_mb_ = ipsec_mb::keyed_cbc(info.primitive, key);
  if (ipsec_mb_ != nullptr) return Nothing{};
  if (const Row* row = row_of(info.primitive))
    return keep(openssl::keyed_cipher({openssl::sized_name(row->pattern, key.size()), row->provider}, key,
                                      openssl::Direction::decrypt),
                context_);
  if (is_for_nettle(info, key)) return keep(nettle::keyed_cbc(info, key), nettle_);
  return keep(gcrypt::keyed_cbc(info, key), gcrypt_);
}

bool BodyCipher::decrypt(Bytes iv, Bytes ciphertext, MutableBytes out) noexcept {
  if (counter_mode_) return decrypt_counter(iv, ciphertext, out);
  if (ipsec_mb_ != nullptr) return ipsec_mb_->decrypt(iv, ciphertext, out);
  if (context_) return openssl::set_iv(context_.get(), iv) && openssl::update(context_.get(), ciphertext, out);
  if (gcrypt_) return gcrypt::decrypt(gcrypt_.get(), iv, ciphertext, out);
  if (nettle_) return nettle::decrypt(nettle_.get(), iv, ciphertext, out);
  std::copy(ciphertext.begin(), ciphertext.end(), out.begin());
  return true;
}

bool BodyCipher::decrypt_counter(Bytes iv, Bytes ciphertext, MutableBytes out) noexcept {
  std::array<std::uint8_t, 16> counter{};  // nonce, IV, and a block counter that starts at 1
  const Bytes nonce = reveal(key_).last(4);
  std::copy(nonce.begin(), nonce.end(), counter.begin());
  std::copy_n(iv.begin(), 8, counter.begin() + 4);
  counter[15] = 1;
  return openssl::set_iv(context_.get(), counter) && openssl::update(context_.get(), ciphertext, out);
}

}  // namespace espdump
