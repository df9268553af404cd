// Names of ISAKMP payloads, notifications and identities, RFC 2408 and 2407.
#include <espdump/wire/ikev1_names.hpp>

namespace espdump::wire {

std::string_view ikev1_payload_name(std::uint8_t type) noexcept {
  switch (type) {
    case 1: return "Security Association";
    case 2: return "Proposal";
    case 3: return "Transform";
    case 4: return "Key Exchange";
    case 5: return "Identification";
    case 6: return "Certificate";
    case 7: return "Certificate Request";
    case 8: return "Hash";
    case 9: return "Signature";
    case 10: return "Nonce";
    case 11: return "Notification";
    case 12: return "Delete";
    case 13: return "Vendor ID";
    case 14: return "Attributes";
    case 15: return "SA KEK";
    case 16: return "SA TEK";
    case 17: return "Key Download";
    case 18: return "Sequence Number";
    case 19: return "Proof of Possession";
    case 20: return "NAT Discovery";
    case 21: return "NAT Original Address";
    case 22: return "Group Associated Policy";
    case 130: return "NAT Discovery (draft)";
    case 131: return "NAT Original Address (draft)";
    case 132: return "Fragment";
    default: return {};
  }
}

std::string_view ikev1_payload_abbreviation(std::uint8_t type) noexcept {
  switch (type) {
    case 1: return "SA";
    case 2: return "P";
    case 3: return "T";
    case 4: return "KE";
    case 5: return "ID";
    case 6: return "CERT";
    case 7: return "CERTREQ";
    case 8: return "HASH";
    case 9: return "SIG";
    case 10: return "NONCE";
    case 11: return "N";
    case 12: return "D";
    case 13: return "V";
    case 14: return "ATTR";
    case 20:
    case 130: return "NAT-D";
    case 21:
    case 131: return "NAT-OA";
    case 132: return "FRAG";
    default: return {};
  }
}

std::string_view ikev1_notify_name(std::uint16_t type) noexcept {
  switch (type) {
    case 1: return "INVALID-PAYLOAD-TYPE";
    case 2: return "DOI-NOT-SUPPORTED";
    case 3: return "SITUATION-NOT-SUPPORTED";
    case 4: return "INVALID-COOKIE";
    case 5: return "INVALID-MAJOR-VERSION";
    case 6: return "INVALID-MINOR-VERSION";
    case 7: return "INVALID-EXCHANGE-TYPE";
    case 8: return "INVALID-FLAGS";
    case 9: return "INVALID-MESSAGE-ID";
    case 10: return "INVALID-PROTOCOL-ID";
    case 11: return "INVALID-SPI";
    case 12: return "INVALID-TRANSFORM-ID";
    case 13: return "ATTRIBUTES-NOT-SUPPORTED";
    case 14: return "NO-PROPOSAL-CHOSEN";
    case 15: return "BAD-PROPOSAL-SYNTAX";
    case 16: return "PAYLOAD-MALFORMED";
    case 17: return "INVALID-KEY-INFORMATION";
    case 18: return "INVALID-ID-INFORMATION";
    case 19: return "INVALID-CERT-ENCODING";
    case 20: return "INVALID-CERTIFICATE";
    case 21: return "CERT-TYPE-UNSUPPORTED";
    case 22: return "INVALID-CERT-AUTHORITY";
    case 23: return "INVALID-HASH-INFORMATION";
    case 24: return "AUTHENTICATION-FAILED";
    case 25: return "INVALID-SIGNATURE";
    case 26: return "ADDRESS-NOTIFICATION";
    case 27: return "NOTIFY-SA-LIFETIME";
    case 28: return "CERTIFICATE-UNAVAILABLE";
    case 29: return "UNSUPPORTED-EXCHANGE-TYPE";
    case 30: return "UNEQUAL-PAYLOAD-LENGTHS";
    case 16384: return "CONNECTED";
    case 24576: return "RESPONDER-LIFETIME";
    case 24577: return "REPLAY-STATUS";
    case 24578: return "INITIAL-CONTACT";
    case 36136: return "R-U-THERE";  // RFC 3706
    case 36137: return "R-U-THERE-ACK";
    default: return {};
  }
}

std::string_view ikev1_protocol_name(std::uint8_t protocol) noexcept {
  switch (protocol) {
    case 1: return "ISAKMP";
    case 2: return "AH";
    case 3: return "ESP";
    case 4: return "IPCOMP";
    default: return {};
  }
}

std::string_view ikev1_identity_type_name(std::uint8_t type) noexcept {
  switch (type) {
    case 1: return "ID_IPV4_ADDR";
    case 2: return "ID_FQDN";
    case 3: return "ID_USER_FQDN";
    case 4: return "ID_IPV4_ADDR_SUBNET";
    case 5: return "ID_IPV6_ADDR";
    case 6: return "ID_IPV6_ADDR_SUBNET";
    case 7: return "ID_IPV4_ADDR_RANGE";
    case 8: return "ID_IPV6_ADDR_RANGE";
    case 9: return "ID_DER_ASN1_DN";
    case 10: return "ID_DER_ASN1_GN";
    case 11: return "ID_KEY_ID";
    default: return {};
  }
}

}  // namespace espdump::wire
