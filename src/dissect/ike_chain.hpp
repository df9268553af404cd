// How the dissectors of IKE payloads move along a chain of them.
#pragma once

#include <espdump/dissector.hpp>
#include <espdump/wire/ikev2_payloads.hpp>

namespace espdump {

bool is_encrypted_payload(std::uint8_t type);

// Moves `in` behind what `chain`, made of in.rest(), has read, and tells what broke it, if anything did: the snap
// length, or a payload that does not fit. True when the chain is whole.
bool follow_ike_chain(const wire::IkePayloadChain& chain, ByteReader& in, Context& context);

}  // namespace espdump
