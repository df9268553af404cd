// SAs that IKE messages made known, beside those of the keystore.
#pragma once

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

#include <espdump/keystore.hpp>
#include <espdump/sa.hpp>

#include "base/packet_hash.hpp"

namespace espdump {

// Whether packets of the one verify and open under the other.
bool same_keys(const SecurityAssociation& one, const SecurityAssociation& two);

// They keep their address. Bounded: at most 65,536, and 64 of one SPI, which every packet of it may have to try.
class LearnedSas {
 public:
  // Where the keystore has the SA under the same keys, what that one leaves open is filled in, and what comes of it
  // stands instead of it. Null where nothing new is learned.
  const SecurityAssociation* add(SecurityAssociation sa, const Keystore& keystore);

  [[nodiscard]] std::size_t size() const { return all_.size(); }
  [[nodiscard]] std::uint64_t left_out() const { return left_out_; }
  [[nodiscard]] std::vector<const SecurityAssociation*> find(IpsecProtocol protocol, std::uint32_t spi) const;
  // What is to be used for an SA of the keystore: itself, or what was made of it.
  [[nodiscard]] const SecurityAssociation& instead_of(const SecurityAssociation& loaded) const;
  // The SA of the keystore that a learned one was made of; null: there is none.
  [[nodiscard]] const SecurityAssociation* original(const SecurityAssociation& sa) const;

 private:
  static constexpr std::size_t most = 65'536, most_alike = 64;
  const SecurityAssociation& keep(SecurityAssociation sa);

  std::deque<SecurityAssociation> all_;
  std::uint64_t left_out_ = 0;  // beyond the bounds
  std::unordered_multimap<std::uint64_t, const SecurityAssociation*, SecretHash> by_spi_;
  std::unordered_map<const SecurityAssociation*, const SecurityAssociation*> replaced_, originals_;
};

}  // namespace espdump
