// Trials that explain a failing ICV. Each is one Opener made for the purpose.
#include "decode/diagnose.hpp"

#include <array>
#include <utility>

namespace espdump {
namespace {

constexpr std::size_t most_other_sas = 64;

bool verifies(const SecurityAssociation& association, const SealedPacket& packet, std::uint32_t high_half) {
  const auto opener = Opener::make(association);
  if (!opener || !(*opener)->can_verify() || !(*opener)->plaintext_size(packet)) return false;
  return (*opener)->verify(packet, high_half) == Opener::Outcome::verified;
}

// The ICV lengths that any Linux suite has; the algorithm's own limits sort out the rest.
constexpr std::array<std::uint16_t, 9> truncations{64, 96, 128, 160, 192, 224, 256, 384, 512};

bool is_legal(const AlgorithmUse& use, std::uint16_t bits) {
  const bool aead = use.info->kind == AlgorithmKind::aead;
  return bits != use.icv_bits && bits <= use.info->icv_bits_max && (!aead || bits <= 128) && (aead || bits >= 96);
}

std::optional<IcvDiagnosis> try_truncations(const SecurityAssociation& association, const SealedPacket& packet,
                                            std::uint32_t high_half) {
  SecurityAssociation changed = association;
  AlgorithmUse& use = association.is_aead() ? changed.encryption : changed.integrity;
  if (use.info == nullptr) return std::nullopt;
  const AlgorithmUse original = use;
  for (const std::uint16_t bits : truncations) {
    if (!is_legal(original, bits)) continue;
    use.icv_bits = bits;
    if (verifies(changed, packet, high_half)) return IcvDiagnosis{IcvCause::truncation, bits, 0, 0};
  }
  return std::nullopt;
}

std::optional<IcvDiagnosis> try_esn(const SecurityAssociation& association, const SealedPacket& packet) {
  SecurityAssociation changed = association;
  changed.esn = !association.esn;
  if (!verifies(changed, packet, 0)) return std::nullopt;
  return IcvDiagnosis{changed.esn ? IcvCause::esn_missing : IcvCause::esn_extra, 0, 0, 0};
}

std::optional<IcvDiagnosis> try_other_sas(const Keystore& keystore, const SecurityAssociation& association,
                                          const SealedPacket& packet) {
  std::size_t tried = 0;
  const auto all = keystore.associations();
  for (std::size_t index = 0; index < all.size() && tried < most_other_sas; ++index) {
    const SecurityAssociation& other = all[index];
    if (&other == &association || other.protocol != association.protocol) continue;
    ++tried;
    if (verifies(other, packet, 0)) return IcvDiagnosis{IcvCause::other_sa, 0, static_cast<std::uint32_t>(index), 0};
  }
  return std::nullopt;
}

}  // namespace

IcvDiagnosis diagnose_icv(const Keystore& keystore, const SecurityAssociation& association, const SealedPacket& packet,
                          std::uint32_t high_half) {
  if (auto found = try_truncations(association, packet, high_half)) return *found;
  if (auto found = try_esn(association, packet)) return *found;
  if (auto found = try_other_sas(keystore, association, packet)) return *found;
  return {};
}

}  // namespace espdump
