// SAs as they are loaded: the same one found again becomes one entry.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <espdump/sa.hpp>

namespace espdump::keys {

class SaTable {
 public:
  // Adds a new SA, or lets an earlier entry of the same destination, protocol, SPI, algorithms, keys and ESN
  // flag take over what this one knows besides. Takes constant time, however many share an SPI.
  // Gives the index of the entry.
  std::uint32_t add(SecurityAssociation sa);
  // Adds one as it is.
  void append(SecurityAssociation sa) { sas_.push_back(std::move(sa)); }
  // The index of the generation added last.
  [[nodiscard]] std::optional<std::uint32_t> newest(const IpAddress& destination, IpsecProtocol,
                                                    std::uint32_t spi) const;
  [[nodiscard]] SecurityAssociation& at(std::uint32_t index) { return sas_[index]; }
  [[nodiscard]] const std::vector<SecurityAssociation>& all() const { return sas_; }
  [[nodiscard]] std::span<SecurityAssociation> all() { return sas_; }

 private:
  std::vector<SecurityAssociation> sas_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_fingerprint_;
  std::unordered_map<std::uint64_t, std::uint32_t> newest_;  // by destination, protocol and SPI
};

}  // namespace espdump::keys
