// IKE SAs beside each other, and for how long they may live.
#pragma once

#include <cstdint>
#include <vector>

#include <espdump/ike.hpp>

namespace espdump {

// Between the same two hosts, whoever began.
bool are_peers_of(const IkeSa& one, const IkeSa& other);
// Seconds after which the responder wants the initiator to authenticate again (RFC 4478); 0: it does not say.
std::uint32_t auth_lifetime(const IkeSa& sa);
// An earlier IKE SA of the same peers that stands beside this one; null: none.
const IkeSa* twin_of(const IkeSa& sa, const std::vector<const IkeSa*>& all);
// Deleted, and no IKE SA of the same peers began after it.
bool ended_for_good(const IkeSa& sa, const std::vector<const IkeSa*>& all);

}  // namespace espdump
