// Sealing of ESP for tests: one-shot OpenSSL calls, nothing cached, nothing shared with the library.
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "support/craft.hpp"
#include "support/testdata.hpp"

namespace espdump::test {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

void demand(bool good) {
  if (!good) throw std::runtime_error("OpenSSL cannot seal this");
}

Octets big_endian(std::uint64_t value, int bytes) {
  Octets out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
  return out;
}

Octets operator+(Octets first, const Octets& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

const EVP_CIPHER* cipher_of(const Seal& seal, std::size_t key_size) {
  const bool gcm = seal.cipher == Seal::Cipher::aes_gcm;
  if (seal.cipher == Seal::Cipher::chacha20_poly1305) return EVP_chacha20_poly1305();
  if (seal.cipher == Seal::Cipher::des3_cbc) return EVP_des_ede3_cbc();
  if (seal.cipher == Seal::Cipher::aes_ctr)
    return key_size == 16 ? EVP_aes_128_ctr() : key_size == 24 ? EVP_aes_192_ctr() : EVP_aes_256_ctr();
  if (key_size == 16) return gcm ? EVP_aes_128_gcm() : EVP_aes_128_cbc();
  if (key_size == 24) return gcm ? EVP_aes_192_gcm() : EVP_aes_192_cbc();
  if (key_size == 32) return gcm ? EVP_aes_256_gcm() : EVP_aes_256_cbc();
  throw std::runtime_error("no AES key");
}

Octets encrypt(const Seal& seal, const Octets& key, const Octets& iv, const Octets& body) {
  const Context context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  Octets out(body.size());
  int written = 0;
  demand(EVP_EncryptInit_ex(context.get(), cipher_of(seal, key.size()), nullptr, key.data(), iv.data()) == 1);
  demand(EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1);
  demand(EVP_EncryptUpdate(context.get(), out.data(), &written, body.data(), static_cast<int>(body.size())) == 1);
  return out;
}

// RFC 3686 section 4: nonce, IV, and a counter that begins with 1.
Octets encrypt_ctr(const Seal& seal, const Octets& iv, const Octets& body) {
  const auto split = seal.key.end() - 4;
  return encrypt(seal, {seal.key.begin(), split}, Octets(split, seal.key.end()) + iv + Octets{0, 0, 0, 1}, body);
}

// Ciphertext and tag.
Octets encrypt_aead(const Seal& seal, const Octets& aad, const Octets& iv, const Octets& body) {
  const auto split = seal.key.end() - 4;
  const Octets key(seal.key.begin(), split), nonce = Octets(split, seal.key.end()) + iv;
  const Context context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  Octets out(body.size()), tag(16);
  int n = 0;
  demand(EVP_EncryptInit_ex(context.get(), cipher_of(seal, key.size()), nullptr, key.data(), nonce.data()) == 1);
  demand(EVP_EncryptUpdate(context.get(), nullptr, &n, aad.data(), static_cast<int>(aad.size())) == 1);
  demand(EVP_EncryptUpdate(context.get(), out.data(), &n, body.data(), static_cast<int>(body.size())) == 1);
  demand(EVP_EncryptFinal_ex(context.get(), out.data() + n, &n) == 1);
  demand(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, 16, tag.data()) == 1);
  tag.resize(seal.icv_size);
  return out + tag;
}

Octets hmac(const Seal& seal, const Octets& message) {
  const EVP_MD* digest = seal.mac == Seal::Mac::md5      ? EVP_md5()
                         : seal.mac == Seal::Mac::sha1   ? EVP_sha1()
                         : seal.mac == Seal::Mac::sha256 ? EVP_sha256()
                         : seal.mac == Seal::Mac::sha384 ? EVP_sha384()
                                                         : EVP_sha512();
  Octets out(EVP_MAX_MD_SIZE);
  demand(HMAC(digest, seal.mac_key.data(), static_cast<int>(seal.mac_key.size()), message.data(), message.size(),
              out.data(), nullptr) != nullptr);
  out.resize(seal.icv_size);
  return out;
}

// Where IP names its payload, and what of the header AH's ICV does not cover.
struct IpForm {
  std::size_t header, protocol;
  std::vector<std::size_t> mutable_bytes;
};
IpForm form_of(const Octets& packet) {
  if (packet[0] >> 4 == 4) return {20, 9, {1, 6, 7, 8, 10, 11}};
  return {40, 6, {1, 2, 3, 7}};
}

void set_length(Octets& packet) {
  const bool v4 = packet[0] >> 4 == 4;
  const Octets length = big_endian(v4 ? packet.size() : packet.size() - 40, 2);
  std::copy(length.begin(), length.end(), packet.begin() + (v4 ? 2 : 4));
}

Octets padded(const Seal& seal, const Octets& payload, std::uint8_t next_header) {
  const std::size_t block = seal.cipher == Seal::Cipher::aes_cbc ? 16 : seal.cipher == Seal::Cipher::des3_cbc ? 8 : 4;
  Octets body = payload + seal.tfc;
  if (seal.trailer) return body + *seal.trailer;
  const std::size_t pad = (block - (body.size() + 2) % block) % block + seal.more_padding;
  if (pad > 255) throw std::runtime_error("too much padding");
  for (std::size_t i = 1; i <= pad; ++i) body.push_back(static_cast<std::uint8_t>(i));
  return body + Octets{static_cast<std::uint8_t>(pad), next_header};
}

Octets default_iv(const Seal& seal, std::uint64_t sequence) {
  const Octets eight = big_endian(seal.esn ? sequence : sequence & 0xffffffff, 8);
  if (seal.cipher == Seal::Cipher::null) return {};
  return seal.cipher == Seal::Cipher::aes_cbc ? eight + eight : eight;  // of 3DES the block has 8 bytes
}

}  // namespace

Seal seal_from_text(std::string_view text, bool esn) {
  Seal seal;
  seal.esn = esn;
  seal.icv_size = 0;
  std::istringstream in{std::string{text}};
  for (std::string kind, name, key; in >> kind;) {
    if (kind == "/") continue;
    in >> name;
    if (name == "ecb(cipher_null)") {
      seal.cipher = Seal::Cipher::null;
      continue;
    }
    in >> key;
    const Octets bytes = unhex(std::string_view{key}.substr(2));
    if (kind == "enc" && name == "cbc(aes)")
      seal.cipher = Seal::Cipher::aes_cbc;
    else if (name == "cbc(des3_ede)")
      seal.cipher = Seal::Cipher::des3_cbc;
    else if (name == "rfc3686(ctr(aes))")
      seal.cipher = Seal::Cipher::aes_ctr;
    else if (name == "rfc4106(gcm(aes))")
      seal.cipher = Seal::Cipher::aes_gcm;
    else if (name == "rfc7539esp(chacha20,poly1305)")
      seal.cipher = Seal::Cipher::chacha20_poly1305;
    else if (name == "hmac(md5)")
      seal.mac = Seal::Mac::md5;
    else if (name == "hmac(sha1)")
      seal.mac = Seal::Mac::sha1;
    else if (name == "hmac(sha256)")
      seal.mac = Seal::Mac::sha256;
    else if (name == "hmac(sha384)")
      seal.mac = Seal::Mac::sha384;
    else if (name == "hmac(sha512)")
      seal.mac = Seal::Mac::sha512;
    else
      throw std::runtime_error("cannot seal with " + name);
    (kind == "auth-trunc" ? seal.mac_key : seal.key) = bytes;
    if (std::size_t bits = 0; kind != "enc" && in >> bits) seal.icv_size = bits / 8;
  }
  return seal;
}

Octets seal_esp(const Seal& seal, std::uint32_t spi, std::uint64_t sequence, std::uint8_t next_header,
                const Octets& payload, const Octets& iv) {
  const Octets body = padded(seal, payload, next_header);
  const Octets used_iv = iv.empty() ? default_iv(seal, sequence) : iv;
  const Octets low = big_endian(sequence & 0xffffffff, 4);
  const Octets high = seal.esn ? big_endian(sequence >> 32, 4) : Octets{};
  const Octets head = big_endian(spi, 4) + low + used_iv;
  if (seal.cipher == Seal::Cipher::aes_gcm || seal.cipher == Seal::Cipher::chacha20_poly1305)
    return head + encrypt_aead(seal, big_endian(spi, 4) + high + low, used_iv, body);
  const Octets covered = head + (seal.cipher == Seal::Cipher::null      ? body
                                 : seal.cipher == Seal::Cipher::aes_ctr ? encrypt_ctr(seal, used_iv, body)
                                                                        : encrypt(seal, seal.key, used_iv, body));
  return seal.mac == Seal::Mac::none ? covered : covered + hmac(seal, covered + high);
}

Octets seal_ah(const Seal& seal, std::uint32_t spi, std::uint64_t sequence, const Octets& packet,
               std::size_t alignment) {
  const IpForm form = form_of(packet);
  const auto split = packet.begin() + static_cast<std::ptrdiff_t>(form.header);
  Octets ip(packet.begin(), split);
  const std::size_t size = (12 + seal.icv_size + alignment - 1) / alignment * alignment;
  const Octets head = Octets{ip[form.protocol], static_cast<std::uint8_t>(size / 4 - 2), 0, 0} + big_endian(spi, 4) +
                      big_endian(sequence & 0xffffffff, 4);
  const Octets rest = Octets(size - 12 - seal.icv_size, 0xa5) + Octets(split, packet.end());
  ip[form.protocol] = 51;
  Octets covered = ip + head + Octets(seal.icv_size) + rest;
  set_length(covered);
  ip.assign(covered.begin(), covered.begin() + static_cast<std::ptrdiff_t>(form.header));
  for (const std::size_t byte : form.mutable_bytes) covered[byte] = 0;
  if (form.header == 40) covered[0] = 0x60;
  return ip + head + hmac(seal, covered + (seal.esn ? big_endian(sequence >> 32, 4) : Octets{})) + rest;
}

}  // namespace espdump::test
