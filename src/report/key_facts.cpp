// Keys of SAs in words.
#include "report/key_facts.hpp"

#include <fmt/core.h>

namespace espdump {
namespace {

// An algorithm without keys has none to speak of; an unknown one may have.
bool has_fact(const AlgorithmUse& use) {
  return use.info == nullptr ? use.state != KeyState::present : use.info->key_max != 0;
}

// Dumps of both ends of a NAT name one SA with two destinations.
bool is_same_sa(const SecurityAssociation& one, const SecurityAssociation& two) {
  const bool answers = one.source == two.destination && one.destination == two.source;
  return one.protocol == two.protocol && one.spi == two.spi && !answers;
}

std::string port_text(const std::optional<std::uint16_t>& port) { return port ? std::to_string(*port) : "any"; }

}  // namespace

std::vector<KeyFact> key_facts(const SecurityAssociation& sa) {
  std::vector<KeyFact> out;
  if (has_fact(sa.encryption)) out.push_back({"encryption", &sa.encryption});
  if (has_fact(sa.integrity)) out.push_back({"integrity", &sa.integrity});
  return out;
}

std::vector<IkeKeyFact> key_facts(const IkeKeys& keys) {
  std::vector<IkeKeyFact> out;
  for (const IkeKeyFact& fact : {IkeKeyFact{"SK_d", &keys.sk_d},
                                 {"SK_ai", &keys.sk_ai},
                                 {"SK_ar", &keys.sk_ar},
                                 {"SK_ei", &keys.sk_ei},
                                 {"SK_er", &keys.sk_er}})
    if (!fact.key->empty()) out.push_back(fact);
  return out;
}

std::string suite_name(const IkeKeys& keys) {
  if (!keys.names_algorithms) return "not given";
  SecurityAssociation sa;
  sa.encryption = {keys.encryption.info, keys.sk_ei, keys.encryption.icv_bits};
  sa.integrity = {keys.integrity.info, keys.sk_ai, keys.integrity.icv_bits};
  if (keys.integrity.info == nullptr && keys.integrity.icv_bits != 0) sa.integrity.state = KeyState::hidden;
  return suite_name(sa);
}

std::string ike_spi_text(std::uint64_t spi) { return spi == 0 ? "-" : fmt::format("{:016x}", spi); }

std::string state_text(const AlgorithmUse& use) {
  switch (use.state) {
    case KeyState::present: return "present";
    case KeyState::hidden: return "hidden";
    case KeyState::all_zero: return "all zeros";
    case KeyState::unusable: break;
  }
  return use.info == nullptr ? "unusable: unknown algorithm" : "unusable: missing, cut or of a wrong length";
}

std::string selector_text(const Selector& selector) {
  std::string out = fmt::format("{} > {}", selector.source.to_string(), selector.destination.to_string());
  if (selector.protocol != 0) out += fmt::format(", protocol {}", selector.protocol);
  if (selector.source_port || selector.destination_port)
    out += fmt::format(", ports {} > {}", port_text(selector.source_port), port_text(selector.destination_port));
  return out;
}

std::size_t KeyGroups::first_with(const AlgorithmUse& use, const SecurityAssociation& sa, std::size_t number) {
  if (use.key_group == 0) return 0;
  const auto [first, is_new] = first_.emplace(use.key_group, First{&sa, number});
  const First& other = first->second;
  if (is_new || (other.sa != &sa && is_same_sa(*other.sa, sa))) return 0;
  return other.number;
}

}  // namespace espdump
