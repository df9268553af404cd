// What every reporter asks of an IKE SA.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <espdump/decoder.hpp>
#include <espdump/ike.hpp>

namespace espdump {

// The SAs on the wire that a Child SA is, those that its exchange's initiator sends on first; those that no packet used
// have no number.
std::vector<const SaStatistics*> sas_of(const IkeChild& child, const std::vector<SaStatistics>& sas);

// "AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384", empty where it is not known.
std::string chosen_text(const IkeOffer& chosen);
// "NAT in front of the initiator"; empty: none, or not known.
std::string_view nat_text(const IkeNat& nat);
// The payloads of a message in short: "SA KE Ni N(COOKIE) +5 N"; "SK" where it stays sealed. Notifications that only
// say what an implementation can do are counted.
std::string payloads_text(const IkeMessage& message, bool response);

// A message of an IKE SA, in its place among the others.
struct IkeRung {
  const IkeExchange* exchange = nullptr;
  const IkeMessage* message = nullptr;
  bool response = false;

  // Sent by the initiator of the IKE SA.
  [[nodiscard]] bool by_initiator() const { return exchange->from_initiator != response; }
  [[nodiscard]] bool unanswered() const { return !response && !exchange->response; }
};
// In order of time; valid as long as the SA is.
std::vector<IkeRung> rungs_of(const IkeSa& sa);
// "IKE_AUTH 1 [ IDi AUTH SA TSi TSr ], sent 3 times"
std::string rung_text(const IkeRung& rung);

}  // namespace espdump
