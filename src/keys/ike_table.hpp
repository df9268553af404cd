// Keys of IKE SAs and results of key exchanges as they are loaded: the same ones found again become one entry.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include <espdump/ike_keys.hpp>

#include "keys/negotiation_log.hpp"

namespace espdump::keys {

class IkeTable {
 public:
  static constexpr std::size_t most = 65536;  // entries of each kind
  // Entries with the same SK_e, of the NULL cipher the same SK_a, or with the same result of an exchange.
  static constexpr std::size_t most_alike = 8;

  // Adds new keys, or lets an earlier entry of the same ones take over what this one knows besides. Entries are the
  // same where nothing that both have differs: keys, SPIs, algorithms. Takes constant time. Gives the index of the
  // entry; nothing where there is no room for it.
  std::optional<std::uint32_t> add(IkeKeys keys);
  std::optional<std::uint32_t> add(SharedSecret secret);
  // Gives SPIs to an entry without.
  void set_spis(std::uint32_t index, std::uint64_t initiator, std::uint64_t responder);

  // What logs say besides.
  [[nodiscard]] NegotiationLog& log() { return log_; }
  [[nodiscard]] const NegotiationLog& log() const { return log_; }

  [[nodiscard]] bool full() const { return keys_.size() == most || secrets_.size() == most; }
  [[nodiscard]] std::span<const IkeKeys> keys() const { return keys_; }
  [[nodiscard]] std::span<const SharedSecret> secrets() const { return secrets_; }

 private:
  using Alike = std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>;
  template <typename Entry>
  static std::optional<std::uint32_t> add_to(std::vector<Entry>& entries, Alike& by_hash, std::uint64_t hash,
                                             Entry entry);

  std::vector<IkeKeys> keys_;
  std::vector<SharedSecret> secrets_;
  NegotiationLog log_;
  Alike keys_by_hash_, secrets_by_hash_;
};

}  // namespace espdump::keys
