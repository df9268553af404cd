// Gives authentic ESP packets another sequence number, and stays authentic: test input for gateways (RFC 4303 sections
// 2.2 and 3.3). Not for two threads at once.
#pragma once

#include <optional>
#include <vector>

#include "crypto/esp_open.hpp"

namespace espdump {

class EspRenumber {
 public:
  // The keys of the SA must live as long. Error: its packets cannot be authenticated, and why.
  static Result<EspRenumber> make(const SecurityAssociation& sa);

  [[nodiscard]] bool esn() const { return esn_; }

  // The ESP packet that is `esp` (SPI to end of ICV, authentic under the number `from`) with the number `to`, both of
  // 64 bits under ESN. A separate integrity covers the same IV and ciphertext anew. An AEAD seals the same plaintext
  // under another IV, the one of a sender that makes it of the number by XOR, as Linux does: no IV is used twice for
  // two numbers. Nothing where `esp` does not verify or memory is short.
  std::optional<std::vector<std::uint8_t>> renumber(Bytes esp, std::uint64_t from, std::uint64_t to);

 private:
  EspRenumber(EspTransform transform, bool esn) : transform_(std::move(transform)), esn_(esn) {}
  bool seal_anew(Bytes esp, const EspParts& parts, std::uint32_t high, std::uint32_t new_high, MutableBytes out);
  bool sign_anew(const EspParts& parts, std::uint32_t new_high, MutableBytes out);

  EspTransform transform_;
  std::optional<Aead> aead_;  // which encrypts
  std::optional<Mac> mac_;
  bool esn_ = false;
};

}  // namespace espdump
