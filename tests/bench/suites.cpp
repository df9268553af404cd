// The table of suites to measure with.
#include "bench/suites.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace espdump::bench {
namespace {

constexpr std::string_view gcm_xfrm = "rfc4106(gcm(aes))", gcm_wireshark = "AES-GCM with 16 octet ICV [RFC4106]";
constexpr std::string_view sha1_wireshark = "HMAC-SHA-1-96 [RFC2404]";
constexpr std::array<Suite, 6> table{{
    {"aes128gcm16", "AES-128-GCM", nullptr, 16, 4, 8, 4, 0, 16, gcm_xfrm, "", gcm_wireshark, "NULL"},
    {"aes256gcm16", "AES-256-GCM", nullptr, 32, 4, 8, 4, 0, 16, gcm_xfrm, "", gcm_wireshark, "NULL"},
    {"aes128-sha1", "AES-128-CBC", "SHA1", 16, 0, 16, 16, 20, 12, "cbc(aes)", "hmac(sha1)", "AES-CBC [RFC3602]",
     sha1_wireshark},
    {"aes256-sha256", "AES-256-CBC", "SHA2-256", 32, 0, 16, 16, 32, 16, "cbc(aes)", "hmac(sha256)", "AES-CBC [RFC3602]",
     "HMAC-SHA-256-128 [RFC4868]"},
    {"chacha20poly1305", "ChaCha20-Poly1305", nullptr, 32, 4, 8, 4, 0, 16, "rfc7539esp(chacha20,poly1305)", "",
     "ChaCha20 with Poly1305 [RFC7634]", "NULL"},
    {"null-sha1", nullptr, "SHA1", 0, 0, 0, 4, 20, 12, "ecb(cipher_null)", "hmac(sha1)", "NULL", sha1_wireshark},
}};

std::vector<std::uint8_t> bytes_of(std::size_t count, std::uint64_t seed) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back(static_cast<std::uint8_t>(mixed(seed + i / 8) >> (8 * (i % 8))));
  return out;
}

}  // namespace

std::span<const Suite> suites() { return table; }

const Suite& suite_of(std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Suite& suite) { return suite.name == name; });
  if (found != table.end()) return *found;
  std::string names;
  for (const Suite& suite : table) names += " " + std::string{suite.name};
  throw std::runtime_error("no suite '" + std::string{name} + "'; there are" + names);
}

SuiteKeys keys_of(const Suite& suite, std::uint64_t seed) {
  return {bytes_of(suite.key + suite.salt, mixed(seed)), bytes_of(suite.mac_key, mixed(~seed))};
}

}  // namespace espdump::bench
