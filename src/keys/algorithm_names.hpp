// What other programs call the algorithms of the table: for reading their key files and for writing them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <espdump/sa.hpp>

namespace espdump::keys {

// Whose names: Wireshark's `esp_sa`, setkey of ipsec-tools, the logs of strongSwan's charon and
// Libreswan's pluto.
// Linux's own are in the table of algorithms.
enum class Naming : std::uint8_t { wireshark, setkey, strongswan, libreswan };

struct NamedAlgorithm {
  const AlgorithmInfo* info = nullptr;
  std::optional<std::uint16_t> icv_bits;  // where the name says it
};

// By a name of a cipher or AEAD, or of an integrity algorithm; upper and lower case are the same.
std::optional<NamedAlgorithm> cipher_named(Naming, std::string_view name);
std::optional<NamedAlgorithm> integrity_named(Naming, std::string_view name);

// The name of an algorithm with its ICV length; empty: that program has none for it.
std::string_view name_of(Naming, const AlgorithmInfo&, std::uint16_t icv_bits);

}  // namespace espdump::keys
