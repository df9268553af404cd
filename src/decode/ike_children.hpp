// The two SAs of a Child SA, made of what its exchange agreed on and of the keys of the IKE SA.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <espdump/ike.hpp>
#include <espdump/sa.hpp>

#include "decode/ike_keyring.hpp"

namespace espdump {

// For packets of the exchange's initiator, and for those of its responder.
using AssociationPair = std::pair<SecurityAssociation, SecurityAssociation>;

// Fills an IkeChild with what its exchange says; `request` is the message with SA, TSi and TSr, which in IKE_AUTH need
// not be that of the exchange's own. Nothing where they do not agree on an ESP or AH SA.
std::optional<IkeChild> child_of_exchange(const IkeSa& sa, const IkeExchange& exchange, const IkeContents& request);

// Its SAs under each of the keys that may be the right ones: pairs, the first for packets of the exchange's initiator.
// Without PFS `shared` is one empty list; with it one list for each secret that may be that of its key exchange.
std::vector<AssociationPair> associations_of(const IkeChild& child, const std::vector<std::pair<Prf, Secret>>& roots,
                                             const std::vector<std::vector<Secret>>& shared, const Nonces& nonces,
                                             IkeKeySource& source);

// Keys that stand for others, and the number by which SAs with the same ones are known.
struct FalseKeys {
  std::uint64_t id = 0;
  Secret encryption, integrity;
};
// The same two with these. Nothing where espdump does not have the algorithms.
std::optional<AssociationPair> associations_with(const IkeChild& child, const FalseKeys& forth, const FalseKeys& back);

}  // namespace espdump
