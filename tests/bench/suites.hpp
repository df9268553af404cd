// The suites that measuring seals and opens with, and what key files call them (RFC 4106, RFC 7634, RFC 3602, RFC 2404,
// RFC 4868).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace espdump::bench {

struct Suite {
  std::string_view name;                           // "aes128gcm16"
  const char* cipher;                              // as OpenSSL calls it; null: NULL encryption
  const char* digest;                              // of the HMAC; null: the cipher makes the ICV
  std::size_t key, salt, iv, block, mac_key, icv;  // bytes
  std::string_view xfrm_cipher, xfrm_mac;
  std::string_view wireshark_cipher, wireshark_mac;

  [[nodiscard]] bool is_aead() const { return digest == nullptr; }
  [[nodiscard]] std::size_t head() const { return 8 + iv; }  // SPI, sequence number, IV
};

std::span<const Suite> suites();
// Throws std::runtime_error, with the names there are, for one there is not.
const Suite& suite_of(std::string_view name);

// Keys for measuring: made of a number, and no secret at all.
struct SuiteKeys {
  std::vector<std::uint8_t> cipher;  // with the salt behind it
  std::vector<std::uint8_t> mac;
};
SuiteKeys keys_of(const Suite& suite, std::uint64_t seed);

// Steele and others' SplitMix64: a number that looks random, of any number.
constexpr std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e37'79b9'7f4a'7c15;
  value = (value ^ value >> 30U) * 0xbf58'476d'1ce4'e5b9;
  value = (value ^ value >> 27U) * 0x94d0'49bb'1331'11eb;
  return value ^ value >> 31U;
}

}  // namespace espdump::bench
