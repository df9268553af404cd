// Sealing and opening of ESP (RFC 4303 section 2) at the speed of OpenSSL: contexts are made once per SA, and nothing
// is allocated per packet. Shares no code with the library.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bench/suites.hpp"

namespace espdump::bench {

class EspCipher {
 public:
  enum class Way : std::uint8_t { seal, open };
  // Throws std::runtime_error where OpenSSL cannot.
  EspCipher(const Suite& suite, const SuiteKeys& keys, Way way, bool esn = false);

  // Of a packet from SPI to the end of the ICV.
  [[nodiscard]] static std::size_t sealed_size(const Suite& suite, std::size_t payload);
  // Seals in place: `packet` is as large as sealed_size() says, its payload stands already behind the IV. The IV is
  // the sequence number, as Linux does it; of CBC something that looks random.
  void seal(std::uint32_t spi, std::uint64_t sequence, std::size_t payload, std::uint8_t next_header,
            std::span<std::uint8_t> packet);
  // Verifies, and decrypts to `out`, which has room for the ciphertext. Whether the ICV is good.
  bool open(std::span<const std::uint8_t> packet, std::span<std::uint8_t> out, std::uint32_t high = 0);

 private:
  struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* it) const { EVP_CIPHER_CTX_free(it); }
  };
  struct FreeMac {
    void operator()(EVP_MAC_CTX* it) const { EVP_MAC_CTX_free(it); }
  };
  void make_cipher(const SuiteKeys& keys, Way way);
  void make_mac(const SuiteKeys& keys);
  void seal_aead(std::span<std::uint8_t> packet, std::uint32_t high);
  bool open_aead(std::span<const std::uint8_t> packet, std::span<std::uint8_t> out, std::uint32_t high);
  // Sets the nonce and takes in the additional data.
  void start_aead(std::span<const std::uint8_t> packet, std::uint32_t high);
  void icv_of(std::span<const std::uint8_t> covered, std::uint32_t high, std::uint8_t* icv);

  const Suite& suite_;
  bool esn_;
  std::vector<std::uint8_t> salt_;
  std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher_;
  std::unique_ptr<EVP_MAC_CTX, FreeMac> mac_;
};

inline void put_be32(std::uint8_t* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

}  // namespace espdump::bench
