// Looks for the reason why an ICV does not verify.
#pragma once

#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>

#include "decode/opener.hpp"

namespace espdump {

// Tries, for one packet that failed under `association`: other truncation lengths, ESN on or off, other algorithms that
// take a key of that length, for AH the addresses that the SA names, and the keys of other SAs in the keystore (at most
// 64). `high_half` is the ESN high half that the window suggests.
IcvDiagnosis diagnose_icv(const Keystore& keystore, const SecurityAssociation& association, const SealedPacket& packet,
                          std::uint32_t high_half);

// Whether an AH packet verifies once the addresses of its IP header are those that the SA names: a NAT changed them.
bool verifies_before_nat(const SecurityAssociation& association, const SealedPacket& packet, std::uint32_t high_half);

}  // namespace espdump
