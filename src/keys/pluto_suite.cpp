// The lengths of keys tell nearly all algorithms apart that pluto negotiates.
#include "keys/pluto_suite.hpp"

#include <fmt/core.h>

#include <array>

#include "keys/text.hpp"

namespace espdump::keys {
namespace {

constexpr std::array<std::string_view, 3> aeads{"AES_GCM_16", "CHACHA20_POLY1305", "AES_CCM_16"};
constexpr std::array<std::string_view, 4> ciphers{"3DES_CBC", "AES_CBC", "AES_CTR", "NULL"};
constexpr std::array<std::string_view, 7> integrities{"HMAC_SHA2_256_128", "HMAC_SHA2_512_256", "HMAC_SHA1_96",
                                                      "HMAC_SHA2_384_192", "AES_CMAC_96",       "AES_XCBC_96",
                                                      "HMAC_MD5_96"};

std::size_t bytes_of(Pieces dump) {
  std::size_t digits = 0;
  for (const std::string_view piece : dump)
    for (const char c : piece) digits += is_hex(c) ? 1 : 0;
  return digits / 2;
}

template <typename Names, typename Find>
std::vector<PlutoAlgorithm> of_length(const Names& names, std::size_t bytes, Find find) {
  std::vector<PlutoAlgorithm> out;
  for (const std::string_view name : names)
    if (const auto known = find(Naming::libreswan, name); known && listed_length(*known->info, bytes))
      out.push_back({name, known, bytes});
  return out;
}

AlgorithmUse use_of(const PlutoAlgorithm& algorithm, Pieces dump, std::size_t line, Intake& intake) {
  if (!algorithm.known)
    return intake.take(
        unusable_key(nullptr, fmt::format("unknown algorithm {}{}", in_quotes(algorithm.name), not_opened)), line);
  const AlgorithmInfo& info = *algorithm.known->info;
  const auto bytes = hex_key(dump, intake.arena());
  if (!bytes || algorithm.key_bytes.value_or(bytes->size()) != bytes->size())
    return intake.take(
        unusable_key(&info, fmt::format("the log does not show the whole key of {}{}", algorithm.name, not_opened)),
        line);
  return intake.take(judge_key(info, *bytes, algorithm.known->icv_bits), line);
}

}  // namespace

std::vector<PlutoSuite> fitting_suites(const PlutoKeys& keys) {
  const auto integrity = of_length(integrities, bytes_of(keys.integrity), integrity_named);
  std::vector<PlutoSuite> out;
  if (keys.protocol == IpsecProtocol::ah) {
    for (const PlutoAlgorithm& one : integrity) out.push_back({{}, one});
  } else if (keys.integrity.empty()) {
    for (const PlutoAlgorithm& one : of_length(aeads, bytes_of(keys.cipher), cipher_named)) out.push_back({one, {}});
  } else {
    for (const PlutoAlgorithm& one : of_length(ciphers, bytes_of(keys.cipher), cipher_named))
      for (const PlutoAlgorithm& other : integrity) out.push_back({one, other});
  }
  return out;
}

void set_pluto_keys(SecurityAssociation& sa, const PlutoKeys& keys, const PlutoSuite& suite, Intake& intake) {
  const auto use = [&](const std::optional<PlutoAlgorithm>& algorithm, Pieces dump) {
    return algorithm ? use_of(*algorithm, dump, keys.line, intake) : AlgorithmUse{};
  };
  sa.encryption = use(suite.cipher, keys.cipher);
  sa.integrity = use(suite.integrity, keys.integrity);
}

}  // namespace espdump::keys
