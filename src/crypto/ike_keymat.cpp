// Keys of IKE SAs and Child SAs from what their exchanges showed and a secret (RFC 7296 sections 2.14, 2.17 and 2.18,
// RFC 9370 section 2.2, RFC 8784, RFC 9867).
#include "crypto/ike_keymat.hpp"

#include <fmt/core.h>

#include <array>
#include <string_view>
#include <vector>

#include "crypto/ike_prf.hpp"
#include "crypto/wiped.hpp"

namespace espdump {
namespace {

Unexpected<Error> missing(std::string_view what) { return fail(fmt::format("{} is not there", what)); }

// g^ir | Ni | Nr | SK(1) | SK(2) …; without a shared secret the nonces alone.
std::vector<Bytes> exchange_parts(std::span<const Secret> shared, Nonces nonces) {
  std::vector<Bytes> parts;
  parts.reserve(shared.size() + 2);
  if (!shared.empty()) parts.push_back(reveal(shared[0]));
  parts.push_back(nonces.initiator);
  parts.push_back(nonces.responder);
  for (std::size_t i = 1; i < shared.size(); ++i) parts.push_back(reveal(shared[i]));
  return parts;
}

bool any_empty(std::span<const Secret> secrets) {
  for (const Secret& secret : secrets)
    if (secret.empty()) return true;
  return false;
}

Result<Secret> prf_in_arena(Prf prf, Bytes key, std::span<const Bytes> parts, SecretArena& arena) {
  Secret secret;
  const MutableBytes out = arena.allocate(prf_size(prf), secret);
  if (Status done = compute_prf(prf, key, parts, out); !done) return Unexpected{done.error()};
  return secret;
}

// What an algorithm takes of the keying material.
Result<std::size_t> key_size(const AlgorithmChoice& choice) {
  if (choice.info == nullptr || choice.info->key_max == 0) return std::size_t{0};
  if (choice.key_size == 0) return fail(fmt::format("the length of the key of {} is not known", choice.info->label));
  return choice.key_size;
}

std::array<std::uint8_t, 16> both_spis(std::uint64_t initiator, std::uint64_t responder) {
  std::array<std::uint8_t, 16> out;
  write_u32(out, 0, static_cast<std::uint32_t>(initiator >> 32));
  write_u32(out, 4, static_cast<std::uint32_t>(initiator));
  write_u32(out, 8, static_cast<std::uint32_t>(responder >> 32));
  write_u32(out, 12, static_cast<std::uint32_t>(responder));
  return out;
}

// Keying material, and secrets cut off its front.
class Material {
 public:
  explicit Material(std::size_t size) : all_(size) {}
  MutableBytes bytes() { return all_.bytes(); }
  Secret cut(std::size_t size, SecretArena& arena) {
    const Bytes front = all_.bytes().subspan(offset_, size);
    offset_ += size;
    return arena.store(front);
  }

 private:
  Wiped all_;
  std::size_t offset_ = 0;
};

}  // namespace

Result<Secret> skeyseed(Prf prf, const Secret& shared, Nonces nonces, SecretArena& arena) {
  if (shared.empty()) return missing("the shared secret");
  std::array<Bytes, 2> halves{nonces.initiator, nonces.responder};
  if (prf == Prf::aes_xcbc || prf == Prf::aes_cmac) {
    for (Bytes& half : halves) {
      constexpr std::size_t taken = 8;
      if (half.size() < taken) return fail("the nonces are too short for the key of an AES PRF");
      half = half.first(taken);
    }
  }
  std::vector<std::uint8_t> key;  // nonces, which are no secret
  for (const Bytes half : halves) key.insert(key.end(), half.begin(), half.end());
  return prf_in_arena(prf, key, std::array{reveal(shared)}, arena);
}

Result<Secret> rekey_skeyseed(Prf old_prf, const Secret& old_sk_d, std::span<const Secret> shared, Nonces nonces,
                              SecretArena& arena) {
  if (old_sk_d.empty()) return missing("SK_d of the IKE SA");
  if (shared.empty() || any_empty(shared)) return missing("the shared secret");
  return prf_in_arena(old_prf, reveal(old_sk_d), exchange_parts(shared, nonces), arena);
}

// The same function of other secrets.
Result<Secret> intermediate_skeyseed(Prf prf, const Secret& sk_d, const Secret& shared, Nonces nonces,
                                     SecretArena& arena) {
  return rekey_skeyseed(prf, sk_d, std::span{&shared, 1}, nonces, arena);
}

Result<IkeKeys> derive_ike_keys(const IkeSuite& suite, Prf expander, const Secret& seed, Nonces nonces,
                                std::uint64_t initiator_spi, std::uint64_t responder_spi, SecretArena& arena) {
  if (seed.empty()) return missing("SKEYSEED");
  const std::size_t sk_d = prf_size(suite.prf);
  if (sk_d == 0) return fail("the pseudorandom function is not known");
  const auto sk_a = key_size(suite.integrity), sk_e = key_size(suite.encryption);
  if (!sk_a) return Unexpected{sk_a.error()};
  if (!sk_e) return Unexpected{sk_e.error()};
  const auto spis = both_spis(initiator_spi, responder_spi);
  Material material{sk_d + 2 * *sk_a + 2 * *sk_e};
  const std::array<Bytes, 3> parts{nonces.initiator, nonces.responder, spis};
  if (Status done = prf_plus(expander, reveal(seed), parts, material.bytes()); !done) return Unexpected{done.error()};
  IkeKeys keys;
  keys.initiator_spi = initiator_spi;
  keys.responder_spi = responder_spi;
  keys.encryption = suite.encryption;
  keys.integrity = suite.integrity;
  keys.prf = suite.prf;
  keys.names_algorithms = true;
  keys.sk_d = material.cut(sk_d, arena);
  keys.sk_ai = material.cut(*sk_a, arena);
  keys.sk_ar = material.cut(*sk_a, arena);
  keys.sk_ei = material.cut(*sk_e, arena);
  keys.sk_er = material.cut(*sk_e, arena);
  return keys;
}

Result<ChildKeys> derive_child_keys(Prf prf, const Secret& sk_d, std::span<const Secret> shared, Nonces nonces,
                                    const IkeSuite& child, SecretArena& arena) {
  if (sk_d.empty()) return missing("SK_d of the IKE SA");
  if (any_empty(shared)) return missing("the shared secret");
  const auto encryption = key_size(child.encryption), integrity = key_size(child.integrity);
  if (!encryption) return Unexpected{encryption.error()};
  if (!integrity) return Unexpected{integrity.error()};
  Material material{2 * (*encryption + *integrity)};
  if (Status done = prf_plus(prf, reveal(sk_d), exchange_parts(shared, nonces), material.bytes()); !done)
    return Unexpected{done.error()};
  ChildKeys keys;
  keys.encryption_initiator = material.cut(*encryption, arena);
  keys.integrity_initiator = material.cut(*integrity, arena);
  keys.encryption_responder = material.cut(*encryption, arena);
  keys.integrity_responder = material.cut(*integrity, arena);
  return keys;
}

Result<Secret> mix_ppk(Prf prf, const Secret& ppk, const Secret& sk_d, SecretArena& arena) {
  if (ppk.empty()) return missing("the preshared key");
  if (sk_d.empty()) return missing("SK_d of the IKE SA");
  Secret mixed;
  const MutableBytes out = arena.allocate(sk_d.size(), mixed);
  if (Status done = prf_plus(prf, reveal(ppk), std::array{reveal(sk_d)}, out); !done) return Unexpected{done.error()};
  return mixed;
}

}  // namespace espdump
