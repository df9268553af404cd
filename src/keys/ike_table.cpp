// Merging of IKE SAs: what both ends of one log, or a log and a table of Wireshark, is one entry; generations under one
// pair of SPIs (RFC 9370) have other keys and stay apart.
#include "keys/ike_table.hpp"

#include <utility>

namespace espdump::keys {
namespace {

// What only one of two entries has does not tell them apart.
bool fits(const Secret& one, const Secret& two) { return one.empty() || two.empty() || same_secret(one, two); }

bool fits(const AlgorithmChoice& one, const AlgorithmChoice& two) {
  if (one.info == nullptr || two.info == nullptr) return true;
  return one.info == two.info && one.icv_bits == two.icv_bits;
}

bool fits(const IkeKeys& one, const IkeKeys& two) {
  const bool unnamed = (one.initiator_spi | one.responder_spi) == 0 || (two.initiator_spi | two.responder_spi) == 0;
  const bool same_spis = one.initiator_spi == two.initiator_spi && one.responder_spi == two.responder_spi;
  const bool same_prf = one.prf == two.prf || one.prf == Prf::unknown || two.prf == Prf::unknown;
  return (unnamed || same_spis) && same_prf && fits(one.encryption, two.encryption) &&
         fits(one.integrity, two.integrity) && same_secret(one.sk_ei, two.sk_ei) && same_secret(one.sk_er, two.sk_er) &&
         fits(one.sk_ai, two.sk_ai) && fits(one.sk_ar, two.sk_ar) && fits(one.sk_d, two.sk_d);
}

bool fits(const SharedSecret& one, const SharedSecret& two) {
  return same_secret(one.value, two.value) && fits(one.nonces, two.nonces);
}

void fill(Secret& into, const Secret& from) {
  if (into.empty()) into = from;
}

void take_over(IkeKeys& into, const IkeKeys& from) {
  if ((into.initiator_spi | into.responder_spi) == 0) {
    into.initiator_spi = from.initiator_spi;
    into.responder_spi = from.responder_spi;
  }
  if (!into.names_algorithms || (into.integrity.info == nullptr && from.integrity.info != nullptr)) {
    into.encryption = from.encryption, into.integrity = from.integrity;
    into.names_algorithms = from.names_algorithms;
  }
  if (into.prf == Prf::unknown) into.prf = from.prf;
  fill(into.sk_d, from.sk_d);
  fill(into.sk_ai, from.sk_ai);
  fill(into.sk_ar, from.sk_ar);
}

void take_over(SharedSecret& into, const SharedSecret& from) { fill(into.nonces, from.nonces); }

}  // namespace

template <typename Entry>
std::optional<std::uint32_t> IkeTable::add_to(std::vector<Entry>& entries, Alike& by_hash, std::uint64_t hash,
                                              Entry entry) {
  const auto alike = by_hash.find(hash);
  if (alike != by_hash.end()) {
    for (const std::uint32_t index : alike->second) {
      if (!fits(entries[index], entry)) continue;
      take_over(entries[index], entry);
      return index;
    }
    if (alike->second.size() == most_alike) return std::nullopt;
  }
  if (entries.size() == most) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(entries.size());
  by_hash[hash].push_back(index);
  entries.push_back(std::move(entry));
  return index;
}

// The hashes are keyed with a secret of this process, so that they tell nothing about the keys.
std::optional<std::uint32_t> IkeTable::add(IkeKeys keys) {
  // With the NULL cipher all have the same SK_e: none.
  const bool has_cipher_keys = !keys.sk_ei.empty() || !keys.sk_er.empty();
  const std::uint64_t hash = has_cipher_keys ? keyed_hash(reveal(keys.sk_ei), reveal(keys.sk_er))
                                             : keyed_hash(reveal(keys.sk_ai), reveal(keys.sk_ar));
  return add_to(keys_, keys_by_hash_, hash, std::move(keys));
}

std::optional<std::uint32_t> IkeTable::add(SharedSecret secret) {
  const std::uint64_t hash = keyed_hash(reveal(secret.value));
  return add_to(secrets_, secrets_by_hash_, hash, std::move(secret));
}

void IkeTable::set_spis(std::uint32_t index, std::uint64_t initiator, std::uint64_t responder) {
  IkeKeys& keys = keys_[index];
  if ((keys.initiator_spi | keys.responder_spi) != 0) return;
  keys.initiator_spi = initiator, keys.responder_spi = responder;
}

}  // namespace espdump::keys
