// Trials that explain a failing ICV. Each is one Opener made for the purpose.
#include "decode/diagnose.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace espdump {
namespace {

constexpr std::size_t most_other_sas = 64;

bool verifies(const SecurityAssociation& association, const SealedPacket& packet, std::uint32_t high_half) {
  const auto opener = Opener::make(association);
  if (!opener || !(*opener)->can_verify() || !(*opener)->plaintext_size(packet)) return false;
  return (*opener)->verify(packet, high_half) == Opener::Outcome::verified;
}

IcvDiagnosis found(IcvCause cause) {
  IcvDiagnosis out;
  out.cause = cause;
  return out;
}

// The algorithm that makes the ICV.
AlgorithmUse& checked_use(SecurityAssociation& association) {
  return association.is_aead() ? association.encryption : association.integrity;
}

// The ICV lengths that any Linux suite has.
constexpr std::array<std::uint16_t, 9> truncations{64, 96, 128, 160, 192, 224, 256, 384, 512};

bool is_worth_trying(const AlgorithmInfo& info, std::uint16_t bits) {
  const bool aead = info.kind == AlgorithmKind::aead;
  return is_legal_icv(info, bits) && (aead || bits >= 96);
}

std::optional<IcvDiagnosis> try_truncations(const SecurityAssociation& association, const SealedPacket& packet,
                                            std::uint32_t high_half) {
  SecurityAssociation changed = association;
  AlgorithmUse& use = checked_use(changed);
  if (use.info == nullptr) return std::nullopt;
  const std::uint16_t stated = use.icv_bits;
  for (const std::uint16_t bits : truncations) {
    use.icv_bits = bits;
    if (bits == stated || !is_worth_trying(*use.info, bits) || !verifies(changed, packet, high_half)) continue;
    IcvDiagnosis out = found(IcvCause::truncation);
    out.icv_bits = bits;
    return out;
  }
  return std::nullopt;
}

std::optional<IcvDiagnosis> try_esn(const SecurityAssociation& association, const SealedPacket& packet) {
  SecurityAssociation changed = association;
  changed.esn = !association.esn;
  if (!verifies(changed, packet, 0)) return std::nullopt;
  return found(changed.esn ? IcvCause::esn_missing : IcvCause::esn_extra);
}

// Whether the key of `use` could as well be one of `info`. HMAC takes keys of any length, but people give each the one
// that its RFC names.
bool could_be(const AlgorithmInfo& info, const AlgorithmUse& use) {
  const std::size_t size = use.key.size() - std::min<std::size_t>(use.key.size(), info.salt);
  return info.kind == use.info->kind && &info != use.info && size >= info.key_min && size <= info.key_max;
}

std::optional<IcvDiagnosis> try_algorithms(const SecurityAssociation& association, const SealedPacket& packet,
                                           std::uint32_t high_half) {
  SecurityAssociation changed = association;
  AlgorithmUse& use = checked_use(changed);
  if (use.info == nullptr || use.state != KeyState::present) return std::nullopt;
  const AlgorithmUse original = use;
  if (!changed.is_aead()) changed.encryption = {};  // its sizes say nothing about the ICV
  for (const AlgorithmInfo& info : all_algorithms()) {
    if (!could_be(info, original)) continue;
    for (const std::uint16_t bits : {original.icv_bits, info.icv_bits}) {
      use.info = &info;
      use.icv_bits = bits;
      if (!is_legal_icv(info, bits) || !verifies(changed, packet, high_half)) continue;
      IcvDiagnosis out = found(IcvCause::other_algorithm);
      out.algorithm = &info;
      out.icv_bits = bits;
      return out;
    }
  }
  return std::nullopt;
}

IcvCause relation(const SecurityAssociation& association, const SecurityAssociation& other) {
  if (association.source == other.destination && association.destination == other.source) return IcvCause::reverse_sa;
  const bool same_way = association.source == other.source && association.destination == other.destination;
  return same_way ? IcvCause::other_generation : IcvCause::other_sa;
}

std::optional<IcvDiagnosis> try_other_sas(const Keystore& keystore, const SecurityAssociation& association,
                                          const SealedPacket& packet, std::uint32_t high_half) {
  std::size_t tried = 0;
  const auto all = keystore.associations();
  for (std::size_t index = 0; index < all.size() && tried < most_other_sas; ++index) {
    const SecurityAssociation& other = all[index];
    if (&other == &association || other.protocol != association.protocol) continue;
    ++tried;
    if (!verifies(other, packet, 0) && !(other.esn && high_half != 0 && verifies(other, packet, high_half))) continue;
    IcvDiagnosis out = found(relation(association, other));
    out.other = static_cast<std::uint32_t>(index);
    return out;
  }
  return std::nullopt;
}

// Where both addresses stand in the IP header at the front of a datagram; 0 where they are of another family.
std::size_t addresses_offset(Bytes datagram, const SecurityAssociation& association) {
  constexpr std::size_t in_ipv4 = 12, in_ipv6 = 8;
  if (datagram.empty() || association.source.family() != association.destination.family()) return 0;
  const unsigned version = datagram[0] >> 4U;
  if (version == 4 && association.source.is_v4()) return in_ipv4;
  return version == 6 && association.source.is_v6() ? in_ipv6 : 0;
}

}  // namespace

bool verifies_before_nat(const SecurityAssociation& association, const SealedPacket& packet, std::uint32_t high_half) {
  const std::size_t offset = addresses_offset(packet.datagram.bytes, association);
  if (offset == 0) return false;
  std::vector<std::uint8_t> copy(packet.datagram.bytes.begin(), packet.datagram.bytes.end());
  const Bytes source = association.source.bytes(), destination = association.destination.bytes();
  const auto place = copy.begin() + static_cast<std::ptrdiff_t>(offset);
  std::copy(destination.begin(), destination.end(), std::copy(source.begin(), source.end(), place));
  return verifies(association, {packet.bytes, {copy, packet.datagram.header}}, high_half);
}

IcvDiagnosis diagnose_icv(const Keystore& keystore, const SecurityAssociation& association, const SealedPacket& packet,
                          std::uint32_t high_half) {
  if (auto cause = try_truncations(association, packet, high_half)) return *cause;
  if (auto cause = try_esn(association, packet)) return *cause;
  if (auto cause = try_algorithms(association, packet, high_half)) return *cause;
  if (verifies_before_nat(association, packet, high_half)) return found(IcvCause::nat);
  if (auto cause = try_other_sas(keystore, association, packet, high_half)) return *cause;
  return {};
}

}  // namespace espdump
