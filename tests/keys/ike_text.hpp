// Spells keys of IKE SAs so that two loads can be compared.
#pragma once

#include <fmt/core.h>

#include <string>
#include <vector>

#include "keys/xfrm_text.hpp"

namespace espdump::test {

inline std::string hex_of(const Secret& secret) {
  std::string out;
  for (const std::uint8_t byte : reveal(secret)) out += fmt::format("{:02x}", byte);
  return out;
}

inline std::string spell_keys(const IkeKeys& keys) {
  return fmt::format("d {} a {} {} e {} {}", hex_of(keys.sk_d), hex_of(keys.sk_ai), hex_of(keys.sk_ar),
                     hex_of(keys.sk_ei), hex_of(keys.sk_er));
}

inline std::string spell_names(const IkeKeys& keys) {
  const auto name = [](const AlgorithmChoice& choice) {
    return fmt::format("{}/{}/{}", choice.info == nullptr ? "-" : choice.info->xfrm, choice.icv_bits, choice.key_size);
  };
  return fmt::format("{} {} {}", name(keys.encryption), name(keys.integrity),
                     keys.names_algorithms ? "named" : "unnamed");
}

// Everything but where it stood and what a table cannot say.
inline std::string spell(const IkeKeys& keys) {
  return fmt::format("{:016x} {:016x} {} | {}", keys.initiator_spi, keys.responder_spi, spell_names(keys),
                     spell_keys(keys));
}

inline std::vector<std::string> spell(std::span<const IkeKeys> all) {
  std::vector<std::string> out;
  for (const IkeKeys& keys : all) out.push_back(spell(keys));
  return out;
}

inline const IkeKeys& ike(const Loaded& loaded, std::size_t index = 0) {
  REQUIRE(index < loaded.store.ike_keys().size());
  return loaded.store.ike_keys()[index];
}

// No problem shows eight digits of a key in a row, or four bytes of it as a dump writes them.
inline void check_silence(const ImportReport& report, const std::string& text) {
  const auto is_hex_digit = [](char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); };
  for (const ImportProblem& problem : report.problems) {
    std::size_t run = 0;
    for (const char c : problem.text) {
      run = is_hex_digit(c) ? run + 1 : 0;
      INFO(problem.text << "\n" << text);
      REQUIRE(run < 8);
    }
  }
}

}  // namespace espdump::test
