// Merging of SAs: snapshots of one SA become one, another key makes another generation.
#include "keys/sa_table.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace espdump::keys {
namespace {

bool same_use(const AlgorithmUse& one, const AlgorithmUse& two) {
  return one.info == two.info && one.icv_bits == two.icv_bits && one.state == two.state &&
         same_secret(one.key, two.key);
}

bool same_sa(const SecurityAssociation& one, const SecurityAssociation& two) {
  return one.spi == two.spi && one.protocol == two.protocol && one.destination == two.destination &&
         one.wildcards == two.wildcards && one.esn == two.esn && same_use(one.encryption, two.encryption) &&
         same_use(one.integrity, two.integrity);
}

std::uint32_t row(const AlgorithmUse& use) {
  const auto table = all_algorithms();
  return use.info == nullptr ? 0xffff : static_cast<std::uint32_t>(use.info - table.data());
}

// The hash is keyed with a secret of this process, so that it tells nothing about the keys in it.
std::uint64_t fingerprint(const SecurityAssociation& sa) {
  std::array<std::uint8_t, 48> facts{};
  const Bytes address = sa.destination.bytes();
  std::copy(address.begin(), address.end(), facts.begin());
  write_u32(facts, 16, sa.spi);
  facts[20] = static_cast<std::uint8_t>(sa.protocol);
  facts[21] = sa.esn ? 1 : 0;
  facts[22] = static_cast<std::uint8_t>(sa.destination.family());
  facts[23] = static_cast<std::uint8_t>(static_cast<unsigned>(sa.encryption.state) << 4 |
                                        static_cast<unsigned>(sa.integrity.state));
  write_u32(facts, 24, row(sa.encryption) << 16 | sa.encryption.icv_bits);
  write_u32(facts, 28, row(sa.integrity) << 16 | sa.integrity.icv_bits);
  const std::uint64_t keys = keyed_hash(reveal(sa.encryption.key), reveal(sa.integrity.key));
  write_u32(facts, 32, static_cast<std::uint32_t>(keys >> 32));
  write_u32(facts, 36, static_cast<std::uint32_t>(keys));
  return keyed_hash(facts);
}

std::uint64_t identity(const IpAddress& destination, IpsecProtocol protocol, std::uint32_t spi) {
  std::array<std::uint8_t, 6> rest{};
  write_u32(rest, 0, spi);
  rest[4] = static_cast<std::uint8_t>(protocol);
  rest[5] = static_cast<std::uint8_t>(destination.family());
  return keyed_hash(destination.bytes(), rest);
}

void take_over(SecurityAssociation& into, const SecurityAssociation& from) {
  into.positions.insert(into.positions.end(), from.positions.begin(), from.positions.end());
  into.replay_window = std::max(into.replay_window, from.replay_window);
  if (!into.selector && from.selector) {
    into.selector = from.selector;
    into.selector_family = from.selector_family;
  }
  if (into.selector_family == Family::none) into.selector_family = from.selector_family;
  if (into.mode == SaMode::unknown) into.mode = from.mode;
  if (into.source.family() == Family::none) into.source = from.source;
  if (into.encapsulation == Encapsulation::none && from.encapsulation != Encapsulation::none) {
    into.encapsulation = from.encapsulation;
    into.source_port = from.source_port;
    into.destination_port = from.destination_port;
  }
}

}  // namespace

std::uint32_t SaTable::add(SecurityAssociation sa) {
  auto index = static_cast<std::uint32_t>(sas_.size());
  const auto [known, is_new] = by_fingerprint_.try_emplace(fingerprint(sa), index);
  if (!is_new && same_sa(sas_[known->second], sa)) {
    index = known->second;
    take_over(sas_[index], sa);
  } else {
    sas_.push_back(std::move(sa));
  }
  newest_[identity(sas_[index].destination, sas_[index].protocol, sas_[index].spi)] = index;
  return index;
}

std::optional<std::uint32_t> SaTable::newest(const IpAddress& destination, IpsecProtocol protocol,
                                             std::uint32_t spi) const {
  const auto found = newest_.find(identity(destination, protocol, spi));
  if (found == newest_.end()) return std::nullopt;
  const SecurityAssociation& sa = sas_[found->second];
  const bool same = sa.destination == destination && sa.protocol == protocol && sa.spi == spi;
  return same ? std::optional{found->second} : std::nullopt;
}

}  // namespace espdump::keys
