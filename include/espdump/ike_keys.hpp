// Keys of IKE SAs, and what the transforms of IKEv2 stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <espdump/sa.hpp>
#include <espdump/secret.hpp>
#include <espdump/wire/ikev2_payloads.hpp>

namespace espdump {

// Pseudorandom functions (transform type 2).
enum class Prf : std::uint8_t {
  unknown,
  hmac_md5,
  hmac_sha1,
  hmac_sha256,
  hmac_sha384,
  hmac_sha512,
  aes_xcbc,  // RFC 4434
  aes_cmac,  // RFC 4615
};

// An algorithm of the table as a transform or the name in a key file chooses it.
struct AlgorithmChoice {
  const AlgorithmInfo* info = nullptr;  // null: none (of integrity: an AEAD has its own)
  std::uint16_t icv_bits = 0;           // 0 for ciphers; without `info`: an ICV that nobody can check
  std::size_t key_size = 0;             // bytes, with salt; 0: not said

  // The algorithm as an SA has it, with this key.
  [[nodiscard]] AlgorithmUse with(const Secret& key) const { return {.info = info, .key = key, .icv_bits = icv_bits}; }
};

// What one proposal, each of whose transform types has one transform, comes to.
struct IkeSuite {
  AlgorithmChoice encryption, integrity;
  Prf prf = Prf::unknown;   // of an IKE SA
  std::uint16_t group = 0;  // transform type 4; 0: none
  bool esn = false;         // of a Child SA
};

// What a transform stands for; `info` is null where espdump has no such algorithm (or it is NONE).
AlgorithmChoice encryption_of_transform(std::uint16_t id, std::uint16_t key_bits) noexcept;
AlgorithmChoice integrity_of_transform(std::uint16_t id) noexcept;
Prf prf_of_transform(std::uint16_t id) noexcept;
// Of a proposal that was chosen. Nothing where it names an algorithm that espdump does not have; `problem` says which.
std::optional<IkeSuite> suite_of(const wire::IkeProposal& chosen, std::string& problem);

// Keys of one generation of one IKE SA, as a key file has them. Which are there differs by file.
struct IkeKeys {
  std::uint64_t initiator_spi = 0, responder_spi = 0;  // both 0: the file does not say, trying tells
  // What the file says of algorithms; what the exchange says goes before it. Null or unknown: nothing.
  AlgorithmChoice encryption, integrity;
  Prf prf = Prf::unknown;
  bool names_algorithms = false;            // encryption and integrity are as the file says (integrity may be none)
  Secret sk_d, sk_ai, sk_ar, sk_ei, sk_er;  // SK_e with salt; empty: not in the file
  std::string file;
  std::size_t line = 0;
};

// The result of a key exchange (g^ir), where a log shows it.
struct SharedSecret {
  Secret value;
  Secret nonces;  // Ni | Nr of the same exchange; empty: the file does not say
  std::string file;
  std::size_t line = 0;
};

}  // namespace espdump
