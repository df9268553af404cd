#include "analysis/ike_lives.hpp"

#include <algorithm>

#include <espdump/wire/ikev2_names.hpp>

namespace espdump {

bool are_peers_of(const IkeSa& one, const IkeSa& other) {
  return (one.initiator == other.initiator && one.responder == other.responder) ||
         (one.initiator == other.responder && one.responder == other.initiator);
}

std::uint32_t auth_lifetime(const IkeSa& sa) {
  for (const IkeExchange& exchange : sa.exchanges)
    for (const auto* message : {&exchange.request, &exchange.response})
      if (*message)
        if (const IkeNotice* notice = (*message)->contents.notice(wire::ike_notify::auth_lifetime))
          return notice->number;
  return 0;
}

const IkeSa* twin_of(const IkeSa& sa, const std::vector<const IkeSa*>& all) {
  const auto is_up = [](const IkeSa& one) { return one.state == IkeState::established && one.rekeyed_to == 0; };
  if (!is_up(sa) || sa.rekeyed_from != 0) return nullptr;
  for (const IkeSa* other : all) {
    if (other->number >= sa.number) return nullptr;
    const bool same_ends = (other->initiator_id == sa.initiator_id && other->responder_id == sa.responder_id) ||
                           (other->initiator_id == sa.responder_id && other->responder_id == sa.initiator_id);
    if (is_up(*other) && are_peers_of(*other, sa) && same_ends) return other;
  }
  return nullptr;
}

bool ended_for_good(const IkeSa& sa, const std::vector<const IkeSa*>& all) {
  if (sa.state != IkeState::closed || sa.rekeyed_to != 0) return false;
  return std::none_of(all.begin(), all.end(),
                      [&](const IkeSa* other) { return other->number > sa.number && are_peers_of(*other, sa); });
}

}  // namespace espdump
