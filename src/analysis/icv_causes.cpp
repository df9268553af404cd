// The explanations that decode/diagnose.cpp can prove, one function each.
#include "analysis/icv_causes.hpp"

#include <fmt/core.h>

namespace espdump {
namespace {

const AlgorithmUse& checked_use(const SecurityAssociation& keys) {
  return keys.is_aead() ? keys.encryption : keys.integrity;
}

// "10.0.0.1 > 10.0.0.2 SPI 0x12345678 (xfrm.txt:9)"
std::string name_of(const SecurityAssociation& sa) {
  return fmt::format("{} > {} SPI 0x{:08x} ({})", sa.source.to_string(), sa.destination.to_string(), sa.spi,
                     sa.place());
}

Explanation truncation(const SaStatistics& sa) {
  return {fmt::format("Frame {} verifies with an ICV of {} bits; {} says {}. The ends truncate differently.",
                      sa.diagnosis.frame, sa.diagnosis.icv_bits, sa.association->place(),
                      checked_use(*sa.association).icv_bits),
          "Give both ends the same length. Typical: `auth sha256` of `ip xfrm` means 96 bits, RFC 4868 and IKE daemons "
          "128 (`auth-trunc 'hmac(sha256)' KEY 128`)."};
}

Explanation esn(const SaStatistics& sa) {
  const bool has = sa.association->esn;
  return {fmt::format("Frame {} verifies {} extended sequence numbers; {} {} `flag esn`.", sa.diagnosis.frame,
                      has ? "without" : "with", sa.association->place(), has ? "has" : "has no"),
          "Switch ESN on or off at both ends (swanctl.conf: esn or noesn in esp_proposals)."};
}

Explanation other_algorithm(const SaStatistics& sa) {
  const IcvDiagnosis& diagnosis = sa.diagnosis;
  return {fmt::format("Frame {} verifies with {} and an ICV of {} bits under the key of {} at {}.", diagnosis.frame,
                      diagnosis.algorithm->label, diagnosis.icv_bits, checked_use(*sa.association).info->label,
                      sa.association->place()),
          fmt::format("Set the same algorithm at both ends; for `ip xfrm` the sender's is called {}.",
                      diagnosis.algorithm->xfrm)};
}

Explanation nat(const SaStatistics& sa) {
  const SecurityAssociation& keys = *sa.association;
  return {
      fmt::format("AH covers the addresses: with those of the SA ({} > {}, {}) frame {} verifies. A NAT changed them.",
                  keys.source.to_string(), keys.destination.to_string(), keys.place(), sa.diagnosis.frame),
      "AH cannot pass a NAT. Use ESP, encapsulated in UDP (swanctl.conf: encap = yes)."};
}

Explanation other_sa(const Keystore& keystore, const SaStatistics& sa) {
  const std::string other = name_of(keystore.associations()[sa.diagnosis.other]);
  const FrameNumber frame = sa.diagnosis.frame;
  if (sa.diagnosis.cause == IcvCause::reverse_sa)
    return {
        fmt::format("Frame {} verifies with the keys of the other direction, {}: the keys of the two directions are "
                    "swapped.",
                    frame, other),
        "Swap the keys of the two SAs in the key file, or at the end that was set up by hand."};
  if (sa.diagnosis.cause == IcvCause::other_generation)
    return {
        fmt::format("Frame {} verifies with the keys of {}, another SA of the same direction: one generation's keys "
                    "stand under the SPI of another.",
                    frame, other),
        "Correct the key file, or delete the SA that should be gone (`ip xfrm state`)."};
  return {fmt::format("Frame {} verifies with the keys of {}: the keys of two SAs are exchanged.", frame, other),
          "Correct the key file, or the end that uses the wrong key."};
}

Explanation all_zero(const SaStatistics& sa) {
  return {fmt::format("The key at {} is all zeros: a kernel in lockdown mode hides keys so.", sa.association->place()),
          "Take the keys from the IKE daemon (strongSwan: save-keys plugin or a log with ike and chd at level 4)."};
}

}  // namespace

std::string place_of(const FlippedBit& flipped) {
  return fmt::format("bit {} of byte {} ({})", flipped.bit, flipped.byte, flipped.field);
}

std::string cause_text(const OpenRecord& record) {
  switch (record.icv_cause) {
    case IcvCause::truncation: return "it verifies with another ICV length";
    case IcvCause::esn_missing: return "it verifies with extended sequence numbers, which this SA does not have";
    case IcvCause::esn_extra: return "it verifies without extended sequence numbers, which this SA has";
    case IcvCause::other_algorithm: return "it verifies with another algorithm under the same key";
    case IcvCause::reverse_sa: return "it verifies with the keys of the other direction";
    case IcvCause::other_generation: return "it verifies with the keys of another SA of the same direction";
    case IcvCause::other_sa: return "it verifies with the keys of another SA of the key files";
    case IcvCause::nat: return "it verifies with the addresses that the SA names: a NAT changed them";
    case IcvCause::bit_flip:
      return fmt::format("it verifies once {} is turned back: damaged on the way", place_of(record.flipped));
    case IcvCause::none_found: break;
  }
  return "no packet of this SA has verified so far";
}

Explanation explain_icv(const Keystore& keystore, const SaStatistics& sa) {
  switch (sa.diagnosis.cause) {
    case IcvCause::truncation: return truncation(sa);
    case IcvCause::esn_missing:
    case IcvCause::esn_extra: return esn(sa);
    case IcvCause::other_algorithm: return other_algorithm(sa);
    case IcvCause::nat: return nat(sa);
    case IcvCause::reverse_sa:
    case IcvCause::other_generation:
    case IcvCause::other_sa: return other_sa(keystore, sa);
    case IcvCause::bit_flip:  // of SAs that verify
    case IcvCause::none_found: break;
  }
  return all_zero(sa);
}

}  // namespace espdump
