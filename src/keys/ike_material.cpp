// In IKE every algorithm has keys of one length (RFC 7296 section 2.13): HMACs take their customary one only.
#include "keys/ike_material.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "keys/key_material.hpp"

namespace espdump::keys {
namespace {

constexpr std::array<std::size_t, 5> prf_key_sizes{16, 20, 32, 48, 64};

std::string wrong(std::string_view key, std::size_t bytes, std::string_view algorithm) {
  return fmt::format("{} has {} byte{}, which is no length of {}", key, bytes, bytes == 1 ? "" : "s", algorithm);
}

bool is_cipher_key(const AlgorithmChoice& cipher, std::size_t bytes) {
  return cipher.key_size != 0 ? bytes == cipher.key_size : listed_length(*cipher.info, bytes);
}

}  // namespace

AlgorithmChoice choice_of(const NamedAlgorithm& named) {
  AlgorithmChoice out{named.info, 0, named.key_size.value_or(0)};
  if (named.info->kind != AlgorithmKind::encryption) out.icv_bits = named.icv_bits.value_or(named.info->icv_bits);
  if (named.info->kind == AlgorithmKind::integrity) out.key_size = named.info->key_min;
  return out;
}

bool is_prf_key_size(std::size_t bytes) {
  return std::find(prf_key_sizes.begin(), prf_key_sizes.end(), bytes) != prf_key_sizes.end();
}

std::string wrong_ike_lengths(const IkeKeys& keys) {
  if (keys.sk_ei.size() != keys.sk_er.size()) return "SK_ei and SK_er differ in length";
  if (keys.sk_ai.size() != keys.sk_ar.size()) return "SK_ai and SK_ar differ in length";
  if (!keys.names_algorithms) return {};
  const AlgorithmChoice &cipher = keys.encryption, &integrity = keys.integrity;
  if (!is_cipher_key(cipher, keys.sk_ei.size())) return wrong("SK_e", keys.sk_ei.size(), cipher.info->label);
  if (integrity.info != nullptr && keys.sk_ai.size() != integrity.key_size)
    return wrong("SK_a", keys.sk_ai.size(), integrity.info->label);
  if (cipher.info->kind == AlgorithmKind::aead && !keys.sk_ai.empty())
    return fmt::format("there is an SK_a, which {} has no use for", cipher.info->label);
  return {};
}

}  // namespace espdump::keys
