// Names of ISAKMP and IKEv1 numbers (RFC 2408, 2407, 2409; IANA "ISAKMP Registry", "IPSEC IKE").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <espdump/bytes.hpp>
#include <espdump/wire/ikev2_names.hpp>

namespace espdump::wire {

// All of them: empty where the number has no name. ikev1_payload_name() stands beside that of version 2.
std::string_view ikev1_payload_abbreviation(std::uint8_t type) noexcept;  // "SA"
std::string_view ikev1_notify_name(std::uint16_t type) noexcept;          // "NO-PROPOSAL-CHOSEN"
std::string_view ikev1_protocol_name(std::uint8_t protocol) noexcept;     // "ISAKMP", "ESP"
std::string_view ikev1_identity_type_name(std::uint8_t type) noexcept;    // "ID_IPV4_ADDR_SUBNET"
// Of an attribute, and of its value, in transforms of ISAKMP (phase 1) and of the IPsec protocols (phase 2).
std::string_view ikev1_attribute_name(bool phase1, std::uint16_t type) noexcept;  // "Hash Algorithm"
std::string_view ikev1_attribute_value_name(bool phase1, std::uint16_t type,
                                            std::uint16_t value) noexcept;               // "SHA2-256"
std::string_view ikev1_transform_name(std::uint8_t protocol, std::uint8_t id) noexcept;  // "ESP_AES-CBC"

// The payloads of a chain in short: "SA V V V", "N(NO-PROPOSAL-CHOSEN)"; of many the first ones.
std::string ikev1_payload_words(std::uint8_t first, Bytes chain);

}  // namespace espdump::wire
