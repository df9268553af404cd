// Names of IKEv1 transforms and their attributes: phase 1 RFC 2409 appendix A, phase 2 RFC 2407 sections 4.4 and 4.5.
#include <espdump/wire/ikev1_names.hpp>
#include <espdump/wire/ikev2_names.hpp>

namespace espdump::wire {
namespace {

std::string_view phase1_attribute(std::uint16_t type) {
  switch (type) {
    case 1: return "Encryption Algorithm";
    case 2: return "Hash Algorithm";
    case 3: return "Authentication Method";
    case 4: return "Group Description";
    case 5: return "Group Type";
    case 6: return "Group Prime";
    case 7: return "Group Generator One";
    case 8: return "Group Generator Two";
    case 9: return "Group Curve A";
    case 10: return "Group Curve B";
    case 11: return "Life Type";
    case 12: return "Life Duration";
    case 13: return "PRF";
    case 14: return "Key Length";
    case 15: return "Field Size";
    case 16: return "Group Order";
    default: return {};
  }
}

std::string_view phase2_attribute(std::uint16_t type) {
  switch (type) {
    case 1: return "SA Life Type";
    case 2: return "SA Life Duration";
    case 3: return "Group Description";
    case 4: return "Encapsulation Mode";
    case 5: return "Authentication Algorithm";
    case 6: return "Key Length";
    case 7: return "Key Rounds";
    case 8: return "Compress Dictionary Size";
    case 9: return "Compress Private Algorithm";
    case 10: return "ECN Tunnel";
    case 11: return "Extended (64-bit) Sequence Number";
    default: return {};
  }
}

std::string_view cipher(std::uint16_t value) {
  switch (value) {
    case 1: return "DES-CBC";
    case 2: return "IDEA-CBC";
    case 3: return "Blowfish-CBC";
    case 4: return "RC5-R16-B64-CBC";
    case 5: return "3DES-CBC";
    case 6: return "CAST-CBC";
    case 7: return "AES-CBC";
    case 8: return "CAMELLIA-CBC";
    default: return {};
  }
}

std::string_view hash(std::uint16_t value) {
  switch (value) {
    case 1: return "MD5";
    case 2: return "SHA";
    case 3: return "Tiger";
    case 4: return "SHA2-256";
    case 5: return "SHA2-384";
    case 6: return "SHA2-512";
    default: return {};
  }
}

std::string_view authentication(std::uint16_t value) {
  switch (value) {
    case 1: return "pre-shared key";
    case 2: return "DSS signatures";
    case 3: return "RSA signatures";
    case 4: return "encryption with RSA";
    case 5: return "revised encryption with RSA";
    case 9: return "ECDSA with SHA-256 on the P-256 curve";
    case 10: return "ECDSA with SHA-384 on the P-384 curve";
    case 11: return "ECDSA with SHA-512 on the P-521 curve";
    case 64221: return "HybridInitRSA";
    case 64222: return "HybridRespRSA";
    case 64223: return "HybridInitDSS";
    case 64224: return "HybridRespDSS";
    case 65001: return "XAUTHInitPreShared";
    case 65002: return "XAUTHRespPreShared";
    case 65003: return "XAUTHInitDSS";
    case 65004: return "XAUTHRespDSS";
    case 65005: return "XAUTHInitRSA";
    case 65006: return "XAUTHRespRSA";
    default: return {};
  }
}

std::string_view life(std::uint16_t value) { return value == 1 ? "seconds" : value == 2 ? "kilobytes" : ""; }

std::string_view mode(std::uint16_t value) {
  switch (value) {
    case 1: return "Tunnel";
    case 2: return "Transport";
    case 3: return "UDP-Encapsulated-Tunnel";
    case 4: return "UDP-Encapsulated-Transport";
    case 61443: return "UDP-Encapsulated-Tunnel (draft)";
    case 61444: return "UDP-Encapsulated-Transport (draft)";
    default: return {};
  }
}

std::string_view integrity(std::uint16_t value) {
  switch (value) {
    case 1: return "HMAC-MD5";
    case 2: return "HMAC-SHA";
    case 3: return "DES-MAC";
    case 4: return "KPDK";
    case 5: return "HMAC-SHA2-256";
    case 6: return "HMAC-SHA2-384";
    case 7: return "HMAC-SHA2-512";
    case 8: return "HMAC-RIPEMD";
    case 9: return "AES-XCBC-MAC";
    case 10: return "SIG-RSA";
    case 11: return "AES-128-GMAC";
    case 12: return "AES-192-GMAC";
    case 13: return "AES-256-GMAC";
    default: return {};
  }
}

std::string_view esp(std::uint8_t id) {
  switch (id) {
    case 1: return "ESP_DES_IV64";
    case 2: return "ESP_DES";
    case 3: return "ESP_3DES";
    case 4: return "ESP_RC5";
    case 5: return "ESP_IDEA";
    case 6: return "ESP_CAST";
    case 7: return "ESP_BLOWFISH";
    case 8: return "ESP_3IDEA";
    case 9: return "ESP_DES_IV32";
    case 11: return "ESP_NULL";
    case 12: return "ESP_AES-CBC";
    case 13: return "ESP_AES-CTR";
    case 14: return "ESP_AES-CCM_8";
    case 15: return "ESP_AES-CCM_12";
    case 16: return "ESP_AES-CCM_16";
    case 18: return "ESP_AES-GCM_8";
    case 19: return "ESP_AES-GCM_12";
    case 20: return "ESP_AES-GCM_16";
    case 21: return "ESP_SEED_CBC";
    case 22: return "ESP_CAMELLIA";
    case 23: return "ESP_NULL_AUTH_AES-GMAC";
    default: return {};
  }
}

std::string_view ah(std::uint8_t id) {
  switch (id) {
    case 2: return "AH_MD5";
    case 3: return "AH_SHA";
    case 4: return "AH_DES";
    case 5: return "AH_SHA2-256";
    case 6: return "AH_SHA2-384";
    case 7: return "AH_SHA2-512";
    case 8: return "AH_RIPEMD";
    case 9: return "AH_AES-XCBC-MAC";
    case 10: return "AH_RSA";
    case 11: return "AH_AES-128-GMAC";
    case 12: return "AH_AES-192-GMAC";
    case 13: return "AH_AES-256-GMAC";
    default: return {};
  }
}

// The groups of IKEv2 have the same numbers.
std::string_view group(std::uint16_t value) {
  return value == 0 ? std::string_view{} : ike_transform_name(ike_transform::key_exchange, value);
}

}  // namespace

std::string_view ikev1_attribute_name(bool phase1, std::uint16_t type) noexcept {
  return phase1 ? phase1_attribute(type) : phase2_attribute(type);
}

std::string_view ikev1_attribute_value_name(bool phase1, std::uint16_t type, std::uint16_t value) noexcept {
  if (phase1) switch (type) {
      case 1: return cipher(value);
      case 2: return hash(value);
      case 3: return authentication(value);
      case 4: return group(value);
      case 11: return life(value);
      default: return {};
    }
  switch (type) {
    case 1: return life(value);
    case 3: return group(value);
    case 4: return mode(value);
    case 5: return integrity(value);
    default: return {};
  }
}

std::string_view ikev1_transform_name(std::uint8_t protocol, std::uint8_t id) noexcept {
  switch (protocol) {
    case 1: return id == 1 ? "KEY_IKE" : "";
    case 2: return ah(id);
    case 3: return esp(id);
    case 4: return ipcomp_transform_name(id);
    default: return {};
  }
}

}  // namespace espdump::wire
