// Matches logged secrets with exchanges. Nonces are no secrets; they are kept as such only for they stand among them.
#include "crypto/ike_secrets.hpp"

#include <algorithm>

namespace espdump {
namespace {

constexpr std::size_t shortest_nonce = 16;  // RFC 7296 section 2.10

std::uint64_t hash_of(Bytes nonces) {
  return nonces.size() < shortest_nonce ? 0 : keyed_hash(nonces.first(shortest_nonce));
}

// Whether `bytes` begins with `start`; then drops it.
bool drop(Bytes& bytes, Bytes start) {
  if (bytes.size() < start.size() || !std::equal(start.begin(), start.end(), bytes.begin())) return false;
  bytes = bytes.subspan(start.size());
  return true;
}

}  // namespace

std::uint64_t exchange_hash(const SharedSecret& secret) { return hash_of(reveal(secret.nonces)); }
std::uint64_t exchange_hash(const Nonces& nonces) { return hash_of(nonces.initiator); }

std::vector<Secret> secrets_of_exchange(const SharedSecret& secret, const Nonces& nonces, SecretArena& arena) {
  Bytes logged = reveal(secret.nonces);
  if (!drop(logged, nonces.initiator) || !drop(logged, nonces.responder)) return {};
  std::vector<Secret> out{secret.value};
  if (!logged.empty()) out.push_back(arena.store(logged));
  return out;
}

}  // namespace espdump
