// ESP by OpenSSL with contexts that are kept.
#include "bench/esp_cipher.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace espdump::bench {
namespace {

constexpr std::size_t most_icv = 64;

void demand(bool good) {
  if (!good) throw std::runtime_error("OpenSSL refuses a cipher or a MAC");
}

// CBC's must not be foreseen (RFC 3602 section 3); those of counter modes are counters.
void write_iv(const Suite& suite, std::uint64_t number, std::uint8_t* at) {
  for (std::size_t done = 0; done < suite.iv; done += 8) {
    const std::uint64_t value = suite.is_aead() ? number : mixed(number * 2 + done / 8);
    put_be32(at + done, static_cast<std::uint32_t>(value >> 32U));
    put_be32(at + done + 4, static_cast<std::uint32_t>(value));
  }
}

}  // namespace

EspCipher::EspCipher(const Suite& suite, const SuiteKeys& keys, Way way, bool esn)
    : suite_(suite), esn_(esn), salt_(keys.cipher.end() - static_cast<std::ptrdiff_t>(suite.salt), keys.cipher.end()) {
  if (suite.cipher != nullptr) make_cipher(keys, way);
  if (suite.digest != nullptr) make_mac(keys);
}

void EspCipher::make_cipher(const SuiteKeys& keys, Way way) {
  const std::unique_ptr<EVP_CIPHER, decltype(&EVP_CIPHER_free)> cipher{
      EVP_CIPHER_fetch(nullptr, suite_.cipher, nullptr), EVP_CIPHER_free};
  cipher_.reset(EVP_CIPHER_CTX_new());
  demand(cipher != nullptr && cipher_ != nullptr);
  demand(EVP_CipherInit_ex2(cipher_.get(), cipher.get(), keys.cipher.data(), nullptr, way == Way::seal ? 1 : 0,
                            nullptr) == 1);
  demand(EVP_CIPHER_CTX_set_padding(cipher_.get(), 0) == 1);
}

void EspCipher::make_mac(const SuiteKeys& keys) {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free};
  demand(hmac != nullptr);
  mac_.reset(EVP_MAC_CTX_new(hmac.get()));
  std::string digest{suite_.digest};
  const std::array<OSSL_PARAM, 2> parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                                             OSSL_PARAM_construct_end()};
  demand(mac_ != nullptr && EVP_MAC_init(mac_.get(), keys.mac.data(), keys.mac.size(), parameters.data()) == 1);
}

std::size_t EspCipher::sealed_size(const Suite& suite, std::size_t payload) {
  return suite.head() + (payload + 2 + suite.block - 1) / suite.block * suite.block + suite.icv;
}

void EspCipher::seal(std::uint32_t spi, std::uint64_t sequence, std::size_t payload, std::uint8_t next_header,
                     std::span<std::uint8_t> packet) {
  const std::uint64_t number = esn_ ? sequence : sequence & 0xffff'ffffU;
  const auto high = static_cast<std::uint32_t>(number >> 32U);
  put_be32(packet.data(), spi);
  put_be32(packet.data() + 4, static_cast<std::uint32_t>(number));
  write_iv(suite_, suite_.is_aead() ? number : mixed(spi) ^ number, packet.data() + 8);
  const std::size_t end = packet.size() - suite_.icv, padding = end - suite_.head() - payload - 2;
  for (std::size_t i = 0; i < padding; ++i) packet[suite_.head() + payload + i] = static_cast<std::uint8_t>(i + 1);
  packet[end - 2] = static_cast<std::uint8_t>(padding);
  packet[end - 1] = next_header;
  if (suite_.is_aead()) return seal_aead(packet, high);
  const auto body = packet.subspan(suite_.head(), end - suite_.head());
  int n = 0;
  if (cipher_) {
    demand(EVP_CipherInit_ex2(cipher_.get(), nullptr, nullptr, packet.data() + 8, -1, nullptr) == 1);
    demand(EVP_CipherUpdate(cipher_.get(), body.data(), &n, body.data(), static_cast<int>(body.size())) == 1);
  }
  icv_of(packet.first(end), high, packet.data() + end);
}

void EspCipher::start_aead(std::span<const std::uint8_t> packet, std::uint32_t high) {
  std::array<std::uint8_t, 12> nonce{}, additional{};
  std::memcpy(nonce.data(), salt_.data(), 4);
  std::memcpy(nonce.data() + 4, packet.data() + 8, 8);
  std::memcpy(additional.data(), packet.data(), 4);
  put_be32(additional.data() + 4, high);
  std::memcpy(additional.data() + (esn_ ? 8 : 4), packet.data() + 4, 4);
  int n = 0;
  demand(EVP_CipherInit_ex2(cipher_.get(), nullptr, nullptr, nonce.data(), -1, nullptr) == 1);
  demand(EVP_CipherUpdate(cipher_.get(), nullptr, &n, additional.data(), esn_ ? 12 : 8) == 1);
}

void EspCipher::seal_aead(std::span<std::uint8_t> packet, std::uint32_t high) {
  start_aead(packet, high);
  const auto body = packet.subspan(suite_.head(), packet.size() - suite_.head() - suite_.icv);
  int n = 0;
  demand(EVP_CipherUpdate(cipher_.get(), body.data(), &n, body.data(), static_cast<int>(body.size())) == 1);
  demand(EVP_CipherFinal_ex(cipher_.get(), body.data() + body.size(), &n) == 1);
  demand(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(suite_.icv),
                             body.data() + body.size()) == 1);
}

void EspCipher::icv_of(std::span<const std::uint8_t> covered, std::uint32_t high, std::uint8_t* icv) {
  std::array<std::uint8_t, most_icv> out{};
  std::array<std::uint8_t, 4> last{};
  put_be32(last.data(), high);
  std::size_t size = 0;
  demand(EVP_MAC_init(mac_.get(), nullptr, 0, nullptr) == 1);
  demand(EVP_MAC_update(mac_.get(), covered.data(), covered.size()) == 1);
  if (esn_) demand(EVP_MAC_update(mac_.get(), last.data(), last.size()) == 1);
  demand(EVP_MAC_final(mac_.get(), out.data(), &size, out.size()) == 1);
  std::memcpy(icv, out.data(), suite_.icv);
}

bool EspCipher::open(std::span<const std::uint8_t> packet, std::span<std::uint8_t> out, std::uint32_t high) {
  if (suite_.is_aead()) return open_aead(packet, out, high);
  const std::size_t end = packet.size() - suite_.icv;
  const auto body = packet.subspan(suite_.head(), end - suite_.head());
  std::array<std::uint8_t, most_icv> icv{};
  icv_of(packet.first(end), high, icv.data());
  if (CRYPTO_memcmp(icv.data(), packet.data() + end, suite_.icv) != 0) return false;
  if (!cipher_) {
    std::memcpy(out.data(), body.data(), body.size());
    return true;
  }
  int n = 0;
  demand(EVP_CipherInit_ex2(cipher_.get(), nullptr, nullptr, packet.data() + 8, -1, nullptr) == 1);
  demand(EVP_CipherUpdate(cipher_.get(), out.data(), &n, body.data(), static_cast<int>(body.size())) == 1);
  return true;
}

bool EspCipher::open_aead(std::span<const std::uint8_t> packet, std::span<std::uint8_t> out, std::uint32_t high) {
  start_aead(packet, high);
  const auto body = packet.subspan(suite_.head(), packet.size() - suite_.head() - suite_.icv);
  int n = 0;
  demand(EVP_CipherUpdate(cipher_.get(), out.data(), &n, body.data(), static_cast<int>(body.size())) == 1);
  // OpenSSL only reads the tag, but takes it by a pointer to what could be written.
  std::array<std::uint8_t, most_icv> icv{};
  std::memcpy(icv.data(), body.data() + body.size(), suite_.icv);
  demand(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(suite_.icv), icv.data()) == 1);
  return EVP_CipherFinal_ex(cipher_.get(), out.data() + body.size(), &n) == 1;
}

}  // namespace espdump::bench
