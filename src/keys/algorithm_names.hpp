// What other programs call the algorithms of the table: for reading their key files and for writing them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <espdump/ike_keys.hpp>
#include <espdump/sa.hpp>

namespace espdump::keys {

// Whose names: Wireshark's `esp_sa` and `ikev2_decryption_table`, setkey of ipsec-tools, the logs of strongSwan's
// charon and Libreswan's pluto, which has others where it shows keys of IKE SAs. Linux's own are in the table of
// algorithms.
enum class Naming : std::uint8_t { wireshark, wireshark_ike, setkey, strongswan, libreswan, libreswan_ike };

struct NamedAlgorithm {
  const AlgorithmInfo* info = nullptr;
  std::optional<std::uint16_t> icv_bits;  // where the name says it
  std::optional<std::size_t> key_size;    // the same: bytes, with salt
};

// By a name of a cipher or AEAD, or of an integrity algorithm; upper and lower case are the same.
std::optional<NamedAlgorithm> cipher_named(Naming, std::string_view name);
std::optional<NamedAlgorithm> integrity_named(Naming, std::string_view name);
// By a name of a cipher that the length of its key, in bits, may follow: "AES_GCM_16_256", "aes128".
std::optional<NamedAlgorithm> sized_cipher_named(Naming, std::string_view name);
// Of a pseudorandom function, as strongSwan has it: "PRF_HMAC_SHA2_256".
Prf prf_named(std::string_view name);
// The same, as IANA's registry has it, too; empty: unknown.
std::string_view name_of(Prf);

// The name of an algorithm with its ICV length and, where names say that, the size of its key; empty: that program has
// none for it.
std::string_view name_of(Naming, const AlgorithmInfo&, std::uint16_t icv_bits, std::size_t key_size = 0);

}  // namespace espdump::keys
