// Names from the IANA registries of IKEv2, but for notifies and transforms, and of EAP.
#include <espdump/wire/ikev2_names.hpp>

namespace espdump::wire {
namespace {

std::string_view version1_exchange(std::uint8_t exchange) {
  switch (exchange) {
    case 1: return "base";
    case 2: return "main mode";
    case 3: return "authentication only";
    case 4: return "aggressive";
    case 5: return "informational";
    case 6: return "transaction";
    case 32: return "quick mode";
    case 33: return "new group";
    default: return {};
  }
}

}  // namespace

std::string_view ike_exchange_name(std::uint8_t major_version, std::uint8_t exchange) noexcept {
  if (major_version == 1) return version1_exchange(exchange);
  switch (exchange) {
    case 34: return "IKE_SA_INIT";
    case 35: return "IKE_AUTH";
    case 36: return "CREATE_CHILD_SA";
    case 37: return "INFORMATIONAL";
    case 38: return "IKE_SESSION_RESUME";
    case 39: return "GSA_AUTH";
    case 40: return "GSA_REGISTRATION";
    case 41: return "GSA_REKEY";
    case 42: return "GSA_INBAND_REKEY";
    case 43: return "IKE_INTERMEDIATE";
    case 44: return "IKE_FOLLOWUP_KE";
    default: return {};
  }
}

std::string_view ike_payload_name(std::uint8_t type) noexcept {
  switch (type) {
    case 33: return "Security Association";
    case 34: return "Key Exchange";
    case 35: return "Identification - Initiator";
    case 36: return "Identification - Responder";
    case 37: return "Certificate";
    case 38: return "Certificate Request";
    case 39: return "Authentication";
    case 40: return "Nonce";
    case 41: return "Notify";
    case 42: return "Delete";
    case 43: return "Vendor ID";
    case 44: return "Traffic Selector - Initiator";
    case 45: return "Traffic Selector - Responder";
    case 46: return "Encrypted and Authenticated";
    case 47: return "Configuration";
    case 48: return "Extensible Authentication";
    case 49: return "Generic Secure Password Method";
    case 50: return "Group Identification";
    case 51: return "Group Security Association";
    case 52: return "Key Download";
    case 53: return "Encrypted and Authenticated Fragment";
    case 54: return "Puzzle Solution";
    default: return {};
  }
}

std::string_view ike_payload_abbreviation(std::uint8_t type, bool response) noexcept {
  switch (type) {
    case 33: return "SA";
    case 34: return "KE";
    case 35: return "IDi";
    case 36: return "IDr";
    case 37: return "CERT";
    case 38: return "CERTREQ";
    case 39: return "AUTH";
    case 40: return response ? "Nr" : "Ni";
    case 41: return "N";
    case 42: return "D";
    case 43: return "V";
    case 44: return "TSi";
    case 45: return "TSr";
    case 46: return "SK";
    case 47: return "CP";
    case 48: return "EAP";
    case 49: return "GSPM";
    case 50: return "IDg";
    case 51: return "GSA";
    case 52: return "KD";
    case 53: return "SKF";
    case 54: return "PS";
    default: return {};
  }
}

std::string_view ike_protocol_name(std::uint8_t protocol) noexcept {
  switch (protocol) {
    case 1: return "IKE";
    case 2: return "AH";
    case 3: return "ESP";
    case 4: return "FC_ESP_HEADER";
    case 5: return "FC_CT_AUTHENTICATION";
    case 6: return "GIKE_UPDATE";
    default: return {};
  }
}

std::string_view ike_identity_type_name(std::uint8_t type) noexcept {
  switch (type) {
    case 1: return "ID_IPV4_ADDR";
    case 2: return "ID_FQDN";
    case 3: return "ID_RFC822_ADDR";
    case 5: return "ID_IPV6_ADDR";
    case 9: return "ID_DER_ASN1_DN";
    case 10: return "ID_DER_ASN1_GN";
    case 11: return "ID_KEY_ID";
    case 12: return "ID_FC_NAME";
    case 13: return "ID_NULL";
    default: return {};
  }
}

std::string_view ike_auth_method_name(std::uint8_t method) noexcept {
  switch (method) {
    case 1: return "RSA Digital Signature";
    case 2: return "Shared Key Message Integrity Code";
    case 3: return "DSS Digital Signature";
    case 9: return "ECDSA with SHA-256 on the P-256 curve";
    case 10: return "ECDSA with SHA-384 on the P-384 curve";
    case 11: return "ECDSA with SHA-512 on the P-521 curve";
    case 12: return "Generic Secure Password Authentication Method";
    case 13: return "NULL Authentication";
    case 14: return "Digital Signature";
    default: return {};
  }
}

std::string_view ike_certificate_encoding_name(std::uint8_t encoding) noexcept {
  switch (encoding) {
    case 1: return "PKCS #7 wrapped X.509 certificate";
    case 2: return "PGP Certificate";
    case 3: return "DNS Signed Key";
    case 4: return "X.509 Certificate - Signature";
    case 6: return "Kerberos Token";
    case 7: return "Certificate Revocation List (CRL)";
    case 8: return "Authority Revocation List (ARL)";
    case 9: return "SPKI Certificate";
    case 10: return "X.509 Certificate - Attribute";
    case 11: return "Raw RSA Key";  // deprecated by RFC 7670
    case 12: return "Hash and URL of X.509 certificate";
    case 13: return "Hash and URL of X.509 bundle";
    case 14: return "OCSP Content";
    case 15: return "Raw Public Key";
    default: return {};
  }
}

std::string_view ike_configuration_type_name(std::uint8_t type) noexcept {
  switch (type) {
    case 1: return "CFG_REQUEST";
    case 2: return "CFG_REPLY";
    case 3: return "CFG_SET";
    case 4: return "CFG_ACK";
    default: return {};
  }
}

std::string_view ike_configuration_attribute_name(std::uint16_t type) noexcept {
  switch (type) {
    case 1: return "INTERNAL_IP4_ADDRESS";
    case 2: return "INTERNAL_IP4_NETMASK";
    case 3: return "INTERNAL_IP4_DNS";
    case 4: return "INTERNAL_IP4_NBNS";
    case 5: return "INTERNAL_ADDRESS_EXPIRY";  // RFC 4306
    case 6: return "INTERNAL_IP4_DHCP";
    case 7: return "APPLICATION_VERSION";
    case 8: return "INTERNAL_IP6_ADDRESS";
    case 10: return "INTERNAL_IP6_DNS";
    case 11: return "INTERNAL_IP6_NBNS";  // RFC 4306
    case 12: return "INTERNAL_IP6_DHCP";
    case 13: return "INTERNAL_IP4_SUBNET";
    case 14: return "SUPPORTED_ATTRIBUTES";
    case 15: return "INTERNAL_IP6_SUBNET";
    case 16: return "MIP6_HOME_PREFIX";
    case 17: return "INTERNAL_IP6_LINK";
    case 18: return "INTERNAL_IP6_PREFIX";
    case 19: return "HOME_AGENT_ADDRESS";
    case 20: return "P_CSCF_IP4_ADDRESS";
    case 21: return "P_CSCF_IP6_ADDRESS";
    case 22: return "FTT_KAT";
    case 23: return "EXTERNAL_SOURCE_IP4_NAT_INFO";
    case 24: return "TIMEOUT_PERIOD_FOR_LIVENESS_CHECK";
    case 25: return "INTERNAL_DNS_DOMAIN";
    case 26: return "INTERNAL_DNSSEC_TA";
    case 27: return "ENCDNS_IP4";
    case 28: return "ENCDNS_IP6";
    case 29: return "ENCDNS_DIGEST_INFO";
    // Private use of Microsoft and of Cisco's Unity.
    case 23456: return "INTERNAL_IP4_SERVER";
    case 23457: return "INTERNAL_IP6_SERVER";
    case 28672: return "UNITY_BANNER";
    case 28673: return "UNITY_SAVE_PASSWD";
    case 28674: return "UNITY_DEF_DOMAIN";
    case 28675: return "UNITY_SPLITDNS_NAME";
    case 28676: return "UNITY_SPLIT_INCLUDE";
    case 28677: return "UNITY_NATT_PORT";
    case 28678: return "UNITY_LOCAL_LAN";
    case 28679: return "UNITY_PFS";
    case 28680: return "UNITY_FW_TYPE";
    case 28681: return "UNITY_BACKUP_SERVERS";
    case 28682: return "UNITY_DDNS_HOSTNAME";
    default: return {};
  }
}

std::string_view eap_code_name(std::uint8_t code) noexcept {
  switch (code) {
    case 1: return "Request";
    case 2: return "Response";
    case 3: return "Success";
    case 4: return "Failure";
    case 5: return "Initiate";
    case 6: return "Finish";
    default: return {};
  }
}

std::string_view eap_type_name(std::uint8_t type) noexcept {
  switch (type) {
    case 1: return "Identity";
    case 2: return "Notification";
    case 3: return "Nak";
    case 4: return "MD5-Challenge";
    case 5: return "One-Time Password";
    case 6: return "Generic Token Card";
    case 9: return "RSA Public Key Authentication";
    case 13: return "EAP-TLS";
    case 15: return "RSA Security SecurID EAP";
    case 17: return "EAP-Cisco Wireless";
    case 18: return "EAP-SIM";
    case 21: return "EAP-TTLS";
    case 23: return "EAP-AKA";
    case 25: return "PEAP";
    case 26: return "EAP-MSCHAPv2";
    case 32: return "EAP-POTP";
    case 43: return "EAP-FAST";
    case 47: return "EAP-PSK";
    case 48: return "EAP-SAKE";
    case 49: return "EAP-IKEv2";
    case 50: return "EAP-AKA'";
    case 51: return "EAP-GPSK";
    case 52: return "EAP-pwd";
    case 53: return "EAP-EKE";
    case 54: return "PT-EAP";
    case 55: return "TEAP";
    case 56: return "EAP-NOOB";
    case 254: return "Expanded Type";
    case 255: return "Experimental";
    default: return {};
  }
}

std::string_view ipcomp_transform_name(std::uint8_t id) noexcept {
  switch (id) {
    case 1: return "IPCOMP_OUI";
    case 2: return "IPCOMP_DEFLATE";
    case 3: return "IPCOMP_LZS";
    case 4: return "IPCOMP_LZJH";
    default: return {};
  }
}

std::string_view ike_hash_algorithm_name(std::uint16_t id) noexcept {
  switch (id) {
    case 1: return "SHA1";
    case 2: return "SHA2-256";
    case 3: return "SHA2-384";
    case 4: return "SHA2-512";
    case 5: return "Identity";  // RFC 8420
    case 6: return "STREEBOG_256";
    case 7: return "STREEBOG_512";
    default: return {};
  }
}

}  // namespace espdump::wire
