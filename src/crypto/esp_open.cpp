// Opening the ESP packets of one SA: cut into parts, verify, decrypt, read the trailer (RFC 4303 sections 2 and 3.4.4).
// A separate ICV is checked before anything is decrypted; an AEAD's failure leaves zeros.
#include "crypto/esp_open.hpp"

#include <fmt/core.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <bit>

#include "crypto/key_at_hand.hpp"

namespace espdump {
namespace {

Result<BodyCipher> cipher_of(const AlgorithmUse& use, CryptoBackend backend) {
  if (use.info == nullptr && use.state == KeyState::present) return fail("the key file names no cipher");
  const Status at_hand = key_at_hand(use);
  return at_hand ? BodyCipher::make(use, backend) : Unexpected{at_hand.error()};
}

Result<Mac> mac_of(const AlgorithmUse& use) {
  const Status at_hand = key_at_hand(use);
  return at_hand ? Mac::make(use) : Unexpected{at_hand.error()};
}

// An unknown algorithm has no row that could forbid a length.
bool is_possible_icv(const AlgorithmUse& use) {
  return use.info != nullptr ? is_legal_icv(*use.info, use.icv_bits) : use.icv_bits != 0 && use.icv_bits % 8 == 0;
}

std::string with_cause(std::string_view what, const Error& cause) { return fmt::format("{}: {}", what, cause.text); }

}  // namespace

Result<EspTransform> EspTransform::make(const SecurityAssociation& sa, CryptoBackend backend) {
  EspTransform transform;
  transform.esn_ = sa.esn;
  transform.iv_size_ = sa.encryption.info != nullptr ? sa.encryption.info->iv : 0;
  transform.block_size_ = std::max<std::size_t>(sa.encryption.info != nullptr ? sa.encryption.info->block : 0, 4);
  const Status made = sa.is_aead() ? transform.make_aead(sa, backend) : transform.make_separate(sa, backend);
  if (!made) return Unexpected{made.error()};
  return transform;
}

Status EspTransform::make_aead(const SecurityAssociation& sa, CryptoBackend backend) {
  if (Status at_hand = key_at_hand(sa.encryption); !at_hand) return at_hand;
  auto aead = Aead::make(sa.encryption, openssl::Direction::decrypt, backend);
  if (!aead) return Unexpected{aead.error()};
  aead_ = std::move(*aead);
  icv_size_ = sa.encryption.icv_bits / 8U;
  return Nothing{};
}

Status EspTransform::make_separate(const SecurityAssociation& sa, CryptoBackend backend) {
  auto cipher = cipher_of(sa.encryption, backend);
  if (cipher) {
    cipher_block_ = cipher->cipher_block();
    ESPDUMP_ASSERT(std::has_single_bit(cipher_block_));
    cipher_ = std::move(*cipher);
  }
  if (!makes_icv(sa.integrity)) return cipher ? Status{Nothing{}} : Unexpected{cipher.error()};
  auto mac = mac_of(sa.integrity);
  if (!cipher && !mac) return Unexpected{cipher.error()};
  if (!is_possible_icv(sa.integrity))
    return mac ? fail(fmt::format("{} has no ICV of {} bits", sa.integrity.info->label, sa.integrity.icv_bits))
               : Unexpected{mac.error()};
  icv_size_ = sa.integrity.icv_bits / 8U;
  if (mac) mac_ = std::move(*mac);
  if (!cipher) shortcoming_ = with_cause("verified, not decrypted", cipher.error());
  if (!mac) shortcoming_ = with_cause("decrypted, ICV not checked", mac.error());
  return Nothing{};
}

void EspTransform::assume_icv(std::size_t size) {
  ESPDUMP_ASSERT(!can_verify());
  icv_size_ = size;
  shortcoming_.clear();
  if (size != 0)
    shortcoming_ = fmt::format(
        "decrypted, ICV not checked: the key file gives the SA no integrity algorithm, but its packets end in an ICV "
        "of "
        "{} bits",
        size * 8);
}

std::optional<std::size_t> EspTransform::body_size(Bytes esp) const {
  if (esp.size() < minimum_size() || esp.size() > openssl::largest_message) return std::nullopt;
  const std::size_t body = esp.size() - header_size - iv_size_ - icv_size_;
  return (body & (cipher_block_ - 1)) == 0 ? std::optional{body} : std::nullopt;
}

std::optional<EspParts> EspTransform::split(Bytes esp) const {
  const std::optional<std::size_t> size = body_size(esp);
  if (!size) return std::nullopt;
  const std::size_t body = *size;
  return EspParts{esp.first(header_size), esp.subspan(header_size, iv_size_), esp.subspan(header_size + iv_size_, body),
                  esp.last(icv_size_), esp.first(esp.size() - icv_size_)};
}

// SPI and sequence number; under ESN the high half stands between them (RFC 4106 section 5). An implicit IV is the
// whole number, its high half zero without ESN (RFC 8750 section 4).
SealedBody EspTransform::sealed(const EspParts& parts, std::uint32_t seq_high, Derived& derived) const noexcept {
  SealedBody body{parts.header, parts.iv, parts.ciphertext, parts.icv};
  const std::uint32_t seq_low = read_u32(parts.header, 4);
  if (iv_size_ == 0) {
    write_u32(derived.iv, 0, esn_ ? seq_high : 0);
    write_u32(derived.iv, 4, seq_low);
    body.iv = derived.iv;
  }
  if (!esn_) return body;
  write_u32(derived.aad, 0, read_u32(parts.header, 0));
  write_u32(derived.aad, 4, seq_high);
  write_u32(derived.aad, 8, seq_low);
  body.aad = derived.aad;
  return body;
}

EspTransform::Outcome EspTransform::open(const EspParts& parts, std::uint32_t seq_high, MutableBytes out) noexcept {
  ESPDUMP_ASSERT(can_decrypt() && out.size() == parts.ciphertext.size());
  bool good = false;
  auto outcome = Outcome::verified;
  if (is_aead()) {
    Derived derived{};
    good = aead_->open(sealed(parts, seq_high, derived), out);
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
    Derived derived{};
    return aead_->verify(sealed(parts, seq_high, derived)) ? Outcome::verified : Outcome::bad_icv;
  }
  if (!mac_) return has_integrity() ? Outcome::unchecked : Outcome::unauthenticated;
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
