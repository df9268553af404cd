// Opening the ESP packets of one SA: cut into parts, verify, decrypt, read the trailer (RFC 4303 sections 2 and 3.4.4).
// Not for two threads at once: the contexts are used in place.
#pragma once

#include <array>
#include <optional>
#include <string>

#include <espdump/bytes.hpp>
#include <espdump/crypto.hpp>
#include <espdump/result.hpp>
#include <espdump/sa.hpp>

#include "crypto/aead.hpp"
#include "crypto/cipher.hpp"
#include "crypto/mac.hpp"

namespace espdump {

// What the bytes of an ESP packet are cut into by the sizes of its SA.
struct EspParts {
  Bytes header;  // SPI and sequence number
  Bytes iv;
  Bytes ciphertext;
  Bytes icv;
  Bytes covered;  // header, IV and ciphertext in one run: what a separate ICV is made of
};

class EspTransform {
 public:
  enum class Outcome : std::uint8_t {
    verified,
    unauthenticated,  // the SA has no integrity; the plaintext is delivered
    unchecked,        // the ICV cannot be verified for want of its key; the plaintext is delivered
    bad_icv,
  };

  // The ready contexts of one SA, whose keys must live as long. Where cipher and integrity have keys of their own and
  // one is missing, the other is put to use. Error: neither can be, and why.
  static Result<EspTransform> make(const SecurityAssociation& sa, CryptoBackend backend = CryptoBackend::openssl);

  [[nodiscard]] bool can_verify() const { return is_aead() || mac_.has_value(); }
  [[nodiscard]] bool can_decrypt() const { return is_aead() || cipher_.has_value(); }
  // For an SA that is said to have no integrity, while its packets look as if they carried an ICV: takes them to end in
  // so many bytes of one (0: none, as said), which nobody can verify.
  void assume_icv(std::size_t size);
  // Which of the two cannot be done, and why; empty where that is nothing.
  [[nodiscard]] const std::string& shortcoming() const { return shortcoming_; }

  [[nodiscard]] std::size_t iv_size() const { return iv_size_; }
  [[nodiscard]] std::size_t block_size() const { return block_size_; }
  [[nodiscard]] std::size_t icv_size() const { return icv_size_; }
  [[nodiscard]] bool has_integrity() const { return icv_size_ != 0; }
  [[nodiscard]] bool is_aead() const { return aead_.has_value(); }
  // The least a packet can have: header, IV, one block, ICV.
  [[nodiscard]] std::size_t minimum_size() const { return header_size + iv_size_ + block_size_ + icv_size_; }

  // How many bytes of ciphertext `esp` (SPI to end of ICV) has. Nothing where it is too short, or the ciphertext ends
  // inside a block of the cipher.
  [[nodiscard]] std::optional<std::size_t> body_size(Bytes esp) const;
  // The same packet in parts.
  [[nodiscard]] std::optional<EspParts> split(Bytes esp) const;

  // Verifies, then decrypts the ciphertext of `parts` (made by split) into `out`, which has the same size and gets
  // payload, padding and the two bytes of the trailer. On bad_icv `out` is all zeros. Wants can_decrypt().
  Outcome open(const EspParts& parts, std::uint32_t seq_high, MutableBytes out) noexcept;
  // Asks for the keys, before a packet is opened.
  void expect() const noexcept {
    if (aead_) aead_->expect();
  }
  // The ICV alone; no plaintext stays behind.
  Outcome verify(const EspParts& parts, std::uint32_t seq_high) noexcept;

  // What an AEAD is given besides the packet's own bytes.
  struct Derived {
    std::array<std::uint8_t, 12> aad;
    std::array<std::uint8_t, Aead::iv_size> iv;
  };
  // A packet as its AEAD takes it; valid as long as the packet and `derived`, where what is not sent is put.
  [[nodiscard]] SealedBody sealed(const EspParts& parts, std::uint32_t seq_high, Derived& derived) const noexcept;

 private:
  static constexpr std::size_t header_size = 8;
  Status make_aead(const SecurityAssociation& sa, CryptoBackend backend);
  Status make_separate(const SecurityAssociation& sa, CryptoBackend backend);
  std::optional<Aead> aead_;
  std::optional<BodyCipher> cipher_;  // of an SA without AEAD
  std::optional<Mac> mac_;
  std::string shortcoming_;
  bool esn_ = false;
  std::size_t iv_size_ = 0, block_size_ = 0, icv_size_ = 0, cipher_block_ = 1;
};

// RFC 4303 section 2.4: what stands behind the payload of a decrypted body.
struct EspTrailer {
  Bytes payload;
  std::uint8_t pad_length = 0, next_header = 0;
  bool standard_padding = true;      // the padding bytes are 1, 2, 3 …
  std::optional<bool> convincing{};  // whether nothing but the right key yields it, where that was found out before
};
// Nothing where the pad length exceeds the body.
std::optional<EspTrailer> read_trailer(Bytes plaintext);

}  // namespace espdump
