// Keys of IKE SAs and Child SAs from what their exchanges showed and a secret (RFC 7296 sections 2.14, 2.17 and 2.18,
// RFC 9370 section 2.2, RFC 8784, RFC 9867). All secrets go into the arena given, intermediate values are wiped.
// Error of all of them: a PRF that is unknown or not available, a secret that is empty, or an algorithm without a key
// length.
#pragma once

#include <cstdint>
#include <span>

#include <espdump/ike_keys.hpp>
#include <espdump/result.hpp>
#include <espdump/secret.hpp>

namespace espdump {

// Ni and Nr: the data of the nonce payloads alone.
struct Nonces {
  Bytes initiator, responder;
};

// prf(Ni | Nr, g^ir); of the AES PRFs the key is made of 8 bytes of each nonce. Error besides: they are shorter.
Result<Secret> skeyseed(Prf prf, const Secret& shared, Nonces nonces, SecretArena& arena);
// After a rekeying of the IKE SA: prf(SK_d (old), g^ir | Ni | Nr), with the PRF of the old SA. Behind the nonces the
// secrets of additional exchanges (RFC 9370), `shared` has all in their order.
Result<Secret> rekey_skeyseed(Prf old_prf, const Secret& old_sk_d, std::span<const Secret> shared, Nonces nonces,
                              SecretArena& arena);
// After an IKE_INTERMEDIATE exchange with a key exchange: prf(SK_d(n-1), SK(n) | Ni | Nr).
Result<Secret> intermediate_skeyseed(Prf prf, const Secret& sk_d, const Secret& shared, Nonces nonces,
                                     SecretArena& arena);

// SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr). SK_p are left out.
// `expander` is the PRF of prf+: that of the suite, but strongSwan rekeys with the old SA's.
Result<IkeKeys> derive_ike_keys(const IkeSuite& suite, Prf expander, const Secret& seed, Nonces nonces,
                                std::uint64_t initiator_spi, std::uint64_t responder_spi, SecretArena& arena);

// Keys of the two SAs of a Child SA; initiator: of the exchange that made it, whose traffic the first two are for.
struct ChildKeys {
  Secret encryption_initiator, integrity_initiator, encryption_responder, integrity_responder;  // empty: none
};
// KEYMAT = prf+(SK_d, [g^ir |] Ni | Nr [| SK(1) …]). `shared` is empty without PFS.
Result<ChildKeys> derive_child_keys(Prf prf, const Secret& sk_d, std::span<const Secret> shared, Nonces nonces,
                                    const IkeSuite& child, SecretArena& arena);

// What a postquantum preshared key makes of SK_d: prf+(PPK, SK_d). Under RFC 8784 it is SK_d itself from IKE_AUTH on;
// under RFC 9867 the SKEYSEED of new keys after the last IKE_INTERMEDIATE, and in CREATE_CHILD_SA what stands for SK_d.
Result<Secret> mix_ppk(Prf prf, const Secret& ppk, const Secret& sk_d, SecretArena& arena);

}  // namespace espdump
