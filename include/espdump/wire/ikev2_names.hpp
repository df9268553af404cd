// Names of IKE numbers (IANA "Internet Key Exchange Version 2 (IKEv2) Parameters"), and those of swanctl.conf.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <espdump/bytes.hpp>
#include <espdump/wire/ikev2_payloads.hpp>

namespace espdump::wire {

// All of them: empty where the number has no name.

// "IKE_AUTH" (version 2), "main mode" (version 1).
std::string_view ike_exchange_name(std::uint8_t major_version, std::uint8_t exchange) noexcept;
// "Security Association"; as RFC 7296 abbreviates it: "SA", "Ni" (in a response "Nr"), "TSi".
std::string_view ike_payload_name(std::uint8_t type) noexcept;
std::string_view ike_payload_abbreviation(std::uint8_t type, bool response) noexcept;
std::string_view ikev1_payload_name(std::uint8_t type) noexcept;  // more of version 1 is in ikev1_names.hpp
// "NO_PROPOSAL_CHOSEN"; 40961 is "USE_BEET_MODE".
std::string_view ike_notify_name(std::uint16_t type) noexcept;
// Whether it only says what an implementation can do or sees (fragmentation, MOBIKE, NAT detection …): almost every
// IKE_SA_INIT and IKE_AUTH has a handful of these.
bool is_capability_notify(std::uint16_t type) noexcept;
std::string_view ike_protocol_name(std::uint8_t protocol) noexcept;                 // "IKE", "ESP"
std::string_view ike_transform_type_name(std::uint8_t type) noexcept;               // "Encryption Algorithm (ENCR)"
std::string_view ike_transform_name(std::uint8_t type, std::uint16_t id) noexcept;  // "ENCR_AES_GCM_16"
std::string_view ike_identity_type_name(std::uint8_t type) noexcept;                // "ID_FQDN"
std::string_view ike_auth_method_name(std::uint8_t method) noexcept;  // "Shared Key Message Integrity Code"
std::string_view ike_certificate_encoding_name(std::uint8_t encoding) noexcept;
std::string_view ike_configuration_type_name(std::uint8_t type) noexcept;  // "CFG_REQUEST"
std::string_view ike_configuration_attribute_name(std::uint16_t type) noexcept;
std::string_view eap_code_name(std::uint8_t code) noexcept;           // "Request"
std::string_view eap_type_name(std::uint8_t type) noexcept;           // "EAP-MSCHAPv2"
std::string_view ike_hash_algorithm_name(std::uint16_t id) noexcept;  // of SIGNATURE_HASH_ALGORITHMS
std::string_view ipcomp_transform_name(std::uint8_t id) noexcept;     // of both versions: "IPCOMP_DEFLATE"
// What a vendor ID stands for: "strongSwan", "Dead Peer Detection v1.0 (RFC 3706)".
std::string_view ike_vendor_name(Bytes id) noexcept;

// The payloads of a chain in short: "SA KE Ni N(COOKIE) +5 N"; of many the first ones. Notifications that only say what
// an implementation can do are counted.
std::string ike_payload_words(std::uint8_t first, Bytes chain, bool response);
// The body of an EAP payload: "Request Identity", "Success"; empty: its header is cut or wrong.
std::string ike_eap_words(Bytes body);

// A transform as strongSwan's log writes it ("AES_GCM_16_256", "PRF_HMAC_SHA2_256", "ECP_384"), and as swanctl.conf
// wants it ("aes256gcm16", "prfsha256", "ecp384"); a number where there is no name.
std::string transform_text(const IkeTransform&);
std::string swanctl_keyword(const IkeTransform&);
// "AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384"; "aes256gcm16-prfsha384-ecp384".
std::string proposal_text(const IkeProposal&);
std::string swanctl_proposal(const IkeProposal&);
// Reads "IKE:AES_CBC_128/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/CURVE_25519", as strongSwan logs a proposal of IKE, ESP or
// AH. Nothing where a word in it is not known.
std::optional<IkeProposal> read_proposal_text(std::string_view);
// Reads "aes256gcm16-x25519" or "aes128-sha256-modp2048-esn", as swanctl.conf writes a proposal of ESP, or of AH where
// it has no cipher. Nothing where a word is not known; `unknown` is that word.
std::optional<IkeProposal> read_swanctl_proposal(std::string_view, std::string& unknown);

}  // namespace espdump::wire
