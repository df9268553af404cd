// Keeps learned SAs and tells which of the keystore's they are.
#include "decode/learned_sas.hpp"

#include <utility>

namespace espdump {
namespace {

std::uint64_t key_of(IpsecProtocol protocol, std::uint32_t spi) {
  return std::uint64_t{static_cast<std::uint8_t>(protocol)} << 32 | spi;
}

bool same_use(const AlgorithmUse& one, const AlgorithmUse& two) {
  return one.info == two.info && one.icv_bits == two.icv_bits && same_secret(one.key, two.key);
}

// What the exchange agreed on goes where the key file says nothing.
SecurityAssociation filled_in(const SecurityAssociation& loaded, const SecurityAssociation& learned) {
  SecurityAssociation out = loaded;
  if (out.mode == SaMode::unknown) {
    out.mode = learned.mode;
    out.esn = out.esn || learned.esn;
    out.encapsulation = learned.encapsulation;
  }
  if (!out.selector && learned.selector) {
    out.selector = learned.selector;
    out.selector_family = learned.selector_family;
  }
  if (out.policies.empty()) out.policies = learned.policies;
  return out;
}

}  // namespace

bool same_keys(const SecurityAssociation& one, const SecurityAssociation& two) {
  return same_use(one.encryption, two.encryption) && same_use(one.integrity, two.integrity);
}

const SecurityAssociation& LearnedSas::keep(SecurityAssociation sa) {
  const SecurityAssociation& kept = all_.emplace_back(std::move(sa));
  by_spi_.emplace(key_of(kept.protocol, kept.spi), &kept);
  return kept;
}

const SecurityAssociation* LearnedSas::add(SecurityAssociation sa, const Keystore& keystore) {
  const std::vector<const SecurityAssociation*> alike = find(sa.protocol, sa.spi);
  for (const SecurityAssociation* known : alike)
    if (known->destination == sa.destination && same_keys(*known, sa)) return nullptr;
  const bool full = all_.size() == most || alike.size() == most_alike;
  for (const std::uint32_t index : keystore.find(sa.protocol, sa.spi)) {
    const SecurityAssociation& loaded = keystore.associations()[index];
    if (!same_keys(loaded, sa) || loaded.wildcards) continue;
    const bool open = loaded.mode == SaMode::unknown || (loaded.mode == SaMode::beet && !loaded.selector);
    if (!open) return nullptr;  // the dump knows best what its kernel does
    if (full) break;
    const SecurityAssociation& kept = keep(filled_in(loaded, sa));
    replaced_[&loaded] = &kept;
    originals_[&kept] = &loaded;
    return &kept;
  }
  if (full) {
    ++left_out_;
    return nullptr;
  }
  // Keys that nobody else has: nonces must not be held against those of other SAs.
  constexpr std::uint32_t learned_groups = 0x80000000;
  sa.encryption.key_group = learned_groups + static_cast<std::uint32_t>(all_.size());
  return &keep(std::move(sa));
}

std::vector<const SecurityAssociation*> LearnedSas::find(IpsecProtocol protocol, std::uint32_t spi) const {
  std::vector<const SecurityAssociation*> out;
  const auto [first, last] = by_spi_.equal_range(key_of(protocol, spi));
  for (auto it = first; it != last; ++it) out.push_back(it->second);
  return out;
}

const SecurityAssociation& LearnedSas::instead_of(const SecurityAssociation& loaded) const {
  const auto found = replaced_.find(&loaded);
  return found == replaced_.end() ? loaded : *found->second;
}

const SecurityAssociation* LearnedSas::original(const SecurityAssociation& sa) const {
  const auto found = originals_.find(&sa);
  return found == originals_.end() ? nullptr : found->second;
}

}  // namespace espdump
