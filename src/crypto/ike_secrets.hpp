// Which key exchange a logged secret is of: the nonces beside it tell.
#pragma once

#include <cstdint>
#include <vector>

#include <espdump/ike_keys.hpp>
#include <espdump/secret.hpp>

#include "crypto/ike_keymat.hpp"

namespace espdump {

// Equal for a secret and the exchange that it is of, by the beginning of Ni; 0 where the secret has no nonces.
std::uint64_t exchange_hash(const SharedSecret& secret);
std::uint64_t exchange_hash(const Nonces& nonces);

// SK(0), SK(1) … of the exchange with these nonces, as RFC 9370 puts them around the nonces (the last of them in one
// run); empty where the secret is of another one.
std::vector<Secret> secrets_of_exchange(const SharedSecret& secret, const Nonces& nonces, SecretArena& arena);

}  // namespace espdump
