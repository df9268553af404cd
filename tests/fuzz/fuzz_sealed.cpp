// Fuzzed contents under good seals: ESP and IKE that verify, so that what is behind decryption is reached. The input is
// a list of packets: a byte that chooses the SA (or IKE), a byte of circumstances, the next header or first payload, a
// length in two bytes, and that many bytes to be sealed.
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "fuzz_run.hpp"
#include "support/craft.hpp"

using namespace espdump;
using test::Octets;

namespace {

constexpr const char* host = "192.0.2.1";
constexpr const char* peer = "192.0.2.2";

struct Kind {
  const char* mode;
  const char* algorithms;
  const char* selector;
  bool esn;
};
constexpr const char* gcm = "aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128";
constexpr std::array kinds{
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
constexpr std::uint32_t first_spi = 0x1001;

std::string lines_of(std::string_view algorithms) {
  std::string out;
  while (!algorithms.empty()) {
    const std::size_t end = std::min(algorithms.find(" / "), algorithms.size());
    out += "\t" + std::string{algorithms.substr(0, end)} + "\n";
    algorithms.remove_prefix(std::min(end + 3, algorithms.size()));
  }
  return out;
}

std::string dump() {
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
constexpr std::string_view ike_table =
    "1111222233334444,5555666677778888,000102030405060708090a0b0c0d0e0f10111213,"
    "000102030405060708090a0b0c0d0e0f10111213,\"AES-GCM-128 with 16 octet ICV [RFC5282]\",,,\"NONE [RFC4306]\"\n";

void add32(Octets& out, std::uint32_t value) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out.push_back(static_cast<std::uint8_t>(value >> shift));
}

Octets gcm_seal(const Octets& aad, const Octets& text, const std::array<std::uint8_t, 8>& iv) {
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

// RFC 7296 section 3.14, or with fragments RFC 7383.
Octets sealed_ike(std::uint8_t circumstances, std::uint8_t first, const Octets& contents, std::uint32_t number) {
  constexpr std::array<std::uint8_t, 4> exchanges{35, 36, 37, 43};
  const bool fragment = (circumstances & 0x40) != 0, response = (circumstances & 0x20) != 0;
  std::array<std::uint8_t, 8> iv{};
  iv[7] = static_cast<std::uint8_t>(number);
  iv[6] = static_cast<std::uint8_t>(number >> 8);
  Octets plain = contents;
  plain.push_back(0);  // pad length
  const std::size_t body = (fragment ? 4 : 0) + iv.size() + plain.size() + 16;
  Octets out{0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66, 0x77, 0x77, 0x88, 0x88};
  out.push_back(fragment ? 53 : 46);
  out.push_back(0x20);
  out.push_back(exchanges[circumstances & 3]);
  out.push_back(response ? 0x20 : 0x08);
  add32(out, (circumstances >> 2) & 7);
  add32(out, static_cast<std::uint32_t>(28 + 4 + body));
  const auto length = static_cast<std::uint16_t>(4 + body);
  add32(out, std::uint32_t{first} << 24 | length);
  if (fragment) add32(out, (1 + (number & 1)) << 16 | 2);  // one of two
  const Octets sealed = gcm_seal(out, plain, iv);
  out.insert(out.end(), iv.begin(), iv.end());
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

Octets ike_in_udp(std::uint8_t circumstances, const Octets& message) {
  const bool back = (circumstances & 0x20) != 0;
  const char* from = back ? peer : host;
  const char* to = back ? host : peer;
  return test::ethernet_frame(test::ipv4_packet(from, to, 17, test::udp_datagram(from, to, 500, 500, message)));
}

// --- ESP -----------------------------------------------------------------------------------------------------

Octets esp_frame(std::size_t which, std::uint8_t circumstances, std::uint8_t next, const Octets& contents,
                 std::uint64_t number) {
  static const std::vector<test::Seal> seals = [] {
    std::vector<test::Seal> out;
    out.reserve(kinds.size());
    for (const Kind& kind : kinds) out.push_back(test::seal_from_text(kind.algorithms, kind.esn));
    return out;
  }();
  const Octets esp =
      test::seal_esp(seals[which], first_spi + static_cast<std::uint32_t>(which), number, next, contents);
  if ((circumstances & 0x10) == 0) return test::ethernet_frame(test::ipv4_packet(host, peer, 50, esp));
  return test::ethernet_frame(test::ipv4_packet(host, peer, 17, test::udp_datagram(host, peer, 4500, 4500, esp)));
}

Keystore store() {
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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Keystore keys = store();
  fuzz::Run run{keys};
  std::array<std::uint64_t, kinds.size() + 1> numbers{};
  ByteReader in{Bytes{data, size}};
  constexpr std::array<std::uint64_t, 4> steps{1, 0, 3, 40};  // the next, a replay, after a loss, after many
  for (int packets = 0; packets < 32 && in.remaining() > 5; ++packets) {
    const std::size_t which = in.u8() % numbers.size();
    const std::uint8_t circumstances = in.u8(), next = in.u8();
    const Bytes bytes = in.take(std::min<std::size_t>(in.u16() & 0x3fff, in.remaining()));
    const Octets contents(bytes.begin(), bytes.end());
    const bool is_ike = which == kinds.size();
    std::uint64_t& number = numbers[which];
    number += is_ike ? 1 : std::max<std::uint64_t>(number == 0 ? 1 : 0, steps[circumstances & 3]);
    run.frame(is_ike ? ike_in_udp(circumstances,
                                  sealed_ike(circumstances, next, contents, static_cast<std::uint32_t>(number)))
                     : esp_frame(which, circumstances, next, contents, number),
              0);
  }
  run.finish();
  return 0;
}
