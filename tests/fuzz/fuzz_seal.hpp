// Keys of a fuzzer, and what its contents are sealed with: SAs and an IKE SA whose packets verify.
#pragma once

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/assert.hpp>
#include <espdump/keystore.hpp>

#include "support/craft.hpp"

namespace espdump::fuzz {

using test::Octets;

inline constexpr const char* host = "192.0.2.1";
inline constexpr const char* peer = "192.0.2.2";

// SAs from the one to the other.
struct Kind {
  const char* mode;
  const char* algorithms;
  const char* selector;
  bool esn;
};
inline constexpr const char* gcm = "aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128";
inline constexpr std::array kinds{
    Kind{"tunnel", gcm, "", false},
    Kind{"transport",
         "enc cbc(aes) 0x00112233445566778899aabbccddeeff / auth-trunc hmac(sha256) "
         "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 128",
         "", false},
    Kind{"beet", gcm, "src 10.0.0.1/32 dst 10.0.0.2/32", false},
    Kind{"beet", gcm, "src fd00::1/128 dst fd00::2/128", false},
    Kind{"iptfs", gcm, "", false},
    Kind{"tunnel", gcm, "", true},
};
inline constexpr std::uint32_t first_spi = 0x1001;

inline std::string lines_of(std::string_view algorithms) {
  std::string out;
  while (!algorithms.empty()) {
    const std::size_t end = std::min(algorithms.find(" / "), algorithms.size());
    out += "\t" + std::string{algorithms.substr(0, end)} + "\n";
    algorithms.remove_prefix(std::min(end + 3, algorithms.size()));
  }
  return out;
}

inline std::string dump() {
  std::string out;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    out += std::string{"src "} + host + " dst " + peer + "\n\tproto esp spi " + std::to_string(first_spi + i) +
           " reqid 1 mode " + kinds[i].mode + "\n\treplay-window 32" + (kinds[i].esn ? " flag esn" : "") + "\n" +
           lines_of(kinds[i].algorithms);
    if (*kinds[i].selector != '\0') out += std::string{"\tsel "} + kinds[i].selector + "\n";
  }
  return out;
}

// --- IKE -----------------------------------------------------------------------------------------------------

// Between the two, under AES-GCM with a tag of 16 bytes; both directions have the same key.
inline constexpr std::string_view ike_table =
    "1111222233334444,5555666677778888,000102030405060708090a0b0c0d0e0f10111213,"
    "000102030405060708090a0b0c0d0e0f10111213,\"AES-GCM-128 with 16 octet ICV [RFC5282]\",,,\"NONE [RFC4306]\"\n";

inline void add32(Octets& out, std::uint32_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

inline Octets gcm_seal(const Octets& aad, const Octets& text, const std::array<std::uint8_t, 8>& iv) {
  std::array<std::uint8_t, 12> nonce{0x10, 0x11, 0x12, 0x13};
  std::copy(iv.begin(), iv.end(), nonce.begin() + 4);
  std::array<std::uint8_t, 16> key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context{EVP_CIPHER_CTX_new(),
                                                                                &EVP_CIPHER_CTX_free};
  Octets out(text.size() + 16);
  int length = 0;
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.data(), nonce.data());
  EVP_EncryptUpdate(context.get(), nullptr, &length, aad.data(), static_cast<int>(aad.size()));
  EVP_EncryptUpdate(context.get(), out.data(), &length, text.data(), static_cast<int>(text.size()));
  EVP_EncryptFinal_ex(context.get(), out.data() + text.size(), &length);
  EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, 16, out.data() + text.size());
  return out;
}

// What an IKE message is, but for its contents; of fragments the number and how many there are (RFC 7383), else 0.
struct IkeHead {
  std::uint8_t exchange = 37, first_payload = 0;
  bool response = false;
  std::uint32_t message_id = 0;
  std::uint16_t fragment = 0, fragments = 0;
};

// RFC 7296 section 3.14, or with fragments RFC 7383. The IV is a number that comes once.
inline Octets sealed_ike(const IkeHead& head, const Octets& contents, std::uint32_t number) {
  const bool fragment = head.fragments != 0;
  std::array<std::uint8_t, 8> iv{};
  iv[7] = static_cast<std::uint8_t>(number);
  iv[6] = static_cast<std::uint8_t>(number >> 8);
  Octets plain = contents;
  plain.push_back(0);  // pad length
  const std::size_t body = (fragment ? 4 : 0) + iv.size() + plain.size() + 16;
  Octets out{0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66, 0x77, 0x77, 0x88, 0x88};
  out.push_back(fragment ? 53 : 46);
  out.push_back(0x20);
  out.push_back(head.exchange);
  out.push_back(head.response ? 0x20 : 0x08);
  add32(out, head.message_id);
  add32(out, static_cast<std::uint32_t>(28 + 4 + body));
  const auto length = static_cast<std::uint16_t>(4 + body);
  add32(out, std::uint32_t{head.first_payload} << 24 | length);
  if (fragment) add32(out, std::uint32_t{head.fragment} << 16 | head.fragments);
  const Octets sealed = gcm_seal(out, plain, iv);
  out.insert(out.end(), iv.begin(), iv.end());
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

inline Octets ike_in_udp(bool back, const Octets& message) {
  const char* from = back ? peer : host;
  const char* to = back ? host : peer;
  return test::ethernet_frame(test::ipv4_packet(from, to, 17, test::udp_datagram(from, to, 500, 500, message)));
}

// --- ESP -----------------------------------------------------------------------------------------------------

inline Octets sealed_esp(std::size_t which, std::uint64_t number, std::uint8_t next, const Octets& contents) {
  static const std::vector<test::Seal> seals = [] {
    std::vector<test::Seal> out;
    out.reserve(kinds.size());
    for (const Kind& kind : kinds) out.push_back(test::seal_from_text(kind.algorithms, kind.esn));
    return out;
  }();
  return test::seal_esp(seals[which], first_spi + static_cast<std::uint32_t>(which), number, next, contents);
}

inline Keystore store() {
  Keystore keys;
  const auto import = [&](const std::string& text) {
    const auto report = keys.import_text("fuzz", {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    ESPDUMP_ASSERT(report.has_value());
  };
  import(dump());
  import(std::string{ike_table});
  ESPDUMP_ASSERT(keys.associations().size() == kinds.size() && keys.ike_keys().size() == 1);
  keys.seal();
  return keys;
}

}  // namespace espdump::fuzz
