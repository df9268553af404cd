// Opening the ESP packets of one SA: cut into parts, verify, decrypt, read the trailer (RFC 4303 sections 2 and 3.4.4).
// A separate ICV is checked before anything is decrypted; an AEAD's failure leaves zeros.
#include "crypto/esp_open.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>

#include <algorithm>

namespace espdump {
namespace {

bool present(const AlgorithmUse& use, Primitive nothing) {
  return use.info != nullptr && use.info->primitive != nothing;
}

}  // namespace

Result<EspTransform> EspTransform::make(const SecurityAssociation& sa) {
  if (sa.encryption.info == nullptr) return fail("the SA names no encryption algorithm");
  if (!sa.usable()) return fail("the keys of the SA are hidden or unusable");
  EspTransform transform;
  transform.esn_ = sa.esn;
  transform.iv_size_ = sa.encryption.info->iv;
  transform.block_size_ = std::max<std::size_t>(sa.encryption.info->block, 4);
  const Status made = sa.is_aead() ? transform.make_aead(sa) : transform.make_separate(sa);
  if (!made) return Unexpected{made.error()};
  return transform;
}

Status EspTransform::make_aead(const SecurityAssociation& sa) {
  auto aead = Aead::make(sa.encryption);
  if (!aead) return Unexpected{aead.error()};
  aead_ = std::move(*aead);
  icv_size_ = sa.encryption.icv_bits / 8U;
  return Nothing{};
}

Status EspTransform::make_separate(const SecurityAssociation& sa) {
  auto cipher = BodyCipher::make(sa.encryption);
  if (!cipher) return Unexpected{cipher.error()};
  cipher_ = std::move(*cipher);
  cipher_block_ = cipher_->cipher_block();
  if (!present(sa.integrity, Primitive::null_mac)) return Nothing{};
  auto mac = Mac::make(sa.integrity);
  if (!mac) return Unexpected{mac.error()};
  icv_size_ = sa.integrity.icv_bits / 8U;
  if (sa.integrity.icv_bits % 8 != 0 || icv_size_ == 0 || icv_size_ > mac->size())
    return fail(fmt::format("{} has no ICV of {} bits", sa.integrity.info->label, sa.integrity.icv_bits));
  mac_ = std::move(*mac);
  return Nothing{};
}

std::optional<EspParts> EspTransform::split(Bytes esp) const {
  if (esp.size() < minimum_size() || esp.size() > openssl::largest_message) return std::nullopt;
  const std::size_t body = esp.size() - header_size - iv_size_ - icv_size_;
  if (body % cipher_block_ != 0) return std::nullopt;
  return EspParts{esp.first(header_size), esp.subspan(header_size, iv_size_), esp.subspan(header_size + iv_size_, body),
                  esp.last(icv_size_), esp.first(esp.size() - icv_size_)};
}

// SPI and sequence number; under ESN the high half stands between them (RFC 4106 section 5).
SealedBody EspTransform::sealed(const EspParts& parts, std::uint32_t seq_high, Aad& aad) const noexcept {
  if (!esn_) return {parts.header, parts.iv, parts.ciphertext, parts.icv};
  write_u32(aad, 0, read_u32(parts.header, 0));
  write_u32(aad, 4, seq_high);
  write_u32(aad, 8, read_u32(parts.header, 4));
  return {aad, parts.iv, parts.ciphertext, parts.icv};
}

EspTransform::Outcome EspTransform::open(const EspParts& parts, std::uint32_t seq_high, MutableBytes out) noexcept {
  ESPDUMP_ASSERT(out.size() == parts.ciphertext.size());
  bool good = false;
  auto outcome = Outcome::verified;
  if (is_aead()) {
    Aad aad{};
    good = aead_->open(sealed(parts, seq_high, aad), out);
  } else {
    outcome = verify(parts, seq_high);
    good = outcome != Outcome::bad_icv && cipher_->decrypt(parts.iv, parts.ciphertext, out);
  }
  if (good) return outcome;
  wipe(out);
  return Outcome::bad_icv;
}

EspTransform::Outcome EspTransform::verify(const EspParts& parts, std::uint32_t seq_high) noexcept {
  if (is_aead()) {
    Aad aad{};
    return aead_->verify(sealed(parts, seq_high, aad)) ? Outcome::verified : Outcome::bad_icv;
  }
  if (!mac_) return Outcome::unauthenticated;
  std::array<std::uint8_t, 4> high{};
  write_u32(high, 0, seq_high);
  Mac::Value value{};
  const bool good = mac_->compute(parts.covered, esn_ ? Bytes{high} : Bytes{}, value) &&
                    CRYPTO_memcmp(value.data(), parts.icv.data(), icv_size_) == 0;
  return good ? Outcome::verified : Outcome::bad_icv;
}

std::optional<EspTrailer> read_trailer(Bytes plaintext) {
  constexpr std::size_t trailer_size = 2;
  if (plaintext.size() < trailer_size) return std::nullopt;
  EspTrailer trailer;
  trailer.pad_length = plaintext[plaintext.size() - 2];
  trailer.next_header = plaintext[plaintext.size() - 1];
  const std::size_t behind = trailer_size + trailer.pad_length;
  if (behind > plaintext.size()) return std::nullopt;
  trailer.payload = plaintext.first(plaintext.size() - behind);
  const Bytes padding = plaintext.subspan(trailer.payload.size(), trailer.pad_length);
  for (std::size_t i = 0; i < padding.size(); ++i) trailer.standard_padding &= padding[i] == i + 1;
  return trailer;
}

}  // namespace espdump
