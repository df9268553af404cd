// Names from the IANA registries of IKEv2 Notify messages, errors and states, and those that daemons made up.
#include <espdump/wire/ikev2_names.hpp>

namespace espdump::wire {
namespace {

std::string_view error_name(std::uint16_t type) {
  switch (type) {
    case 1: return "UNSUPPORTED_CRITICAL_PAYLOAD";
    case 4: return "INVALID_IKE_SPI";
    case 5: return "INVALID_MAJOR_VERSION";
    case 7: return "INVALID_SYNTAX";
    case 9: return "INVALID_MESSAGE_ID";
    case 11: return "INVALID_SPI";
    case 14: return "NO_PROPOSAL_CHOSEN";
    case 17: return "INVALID_KE_PAYLOAD";
    case 24: return "AUTHENTICATION_FAILED";
    case 34: return "SINGLE_PAIR_REQUIRED";
    case 35: return "NO_ADDITIONAL_SAS";
    case 36: return "INTERNAL_ADDRESS_FAILURE";
    case 37: return "FAILED_CP_REQUIRED";
    case 38: return "TS_UNACCEPTABLE";
    case 39: return "INVALID_SELECTORS";
    case 40: return "UNACCEPTABLE_ADDRESSES";
    case 41: return "UNEXPECTED_NAT_DETECTED";
    case 42: return "USE_ASSIGNED_HoA";
    case 43: return "TEMPORARY_FAILURE";
    case 44: return "CHILD_SA_NOT_FOUND";
    case 45: return "INVALID_GROUP_ID";
    case 46: return "AUTHORIZATION_FAILED";
    case 47: return "STATE_NOT_FOUND";
    case 48: return "TS_MAX_QUEUE";
    case 8192: return "ME_CONNECT_FAILED";  // strongSwan
    default: return {};
  }
}

// 16384 to 16416: RFC 7296 and what came before 2010.
std::string_view early_status_name(std::uint16_t type) {
  switch (type) {
    case 16384: return "INITIAL_CONTACT";
    case 16385: return "SET_WINDOW_SIZE";
    case 16386: return "ADDITIONAL_TS_POSSIBLE";
    case 16387: return "IPCOMP_SUPPORTED";
    case 16388: return "NAT_DETECTION_SOURCE_IP";
    case 16389: return "NAT_DETECTION_DESTINATION_IP";
    case 16390: return "COOKIE";
    case 16391: return "USE_TRANSPORT_MODE";
    case 16392: return "HTTP_CERT_LOOKUP_SUPPORTED";
    case 16393: return "REKEY_SA";
    case 16394: return "ESP_TFC_PADDING_NOT_SUPPORTED";
    case 16395: return "NON_FIRST_FRAGMENTS_ALSO";
    case 16396: return "MOBIKE_SUPPORTED";
    case 16397: return "ADDITIONAL_IP4_ADDRESS";
    case 16398: return "ADDITIONAL_IP6_ADDRESS";
    case 16399: return "NO_ADDITIONAL_ADDRESSES";
    case 16400: return "UPDATE_SA_ADDRESSES";
    case 16401: return "COOKIE2";
    case 16402: return "NO_NATS_ALLOWED";
    case 16403: return "AUTH_LIFETIME";
    case 16404: return "MULTIPLE_AUTH_SUPPORTED";
    case 16405: return "ANOTHER_AUTH_FOLLOWS";
    case 16406: return "REDIRECT_SUPPORTED";
    case 16407: return "REDIRECT";
    case 16408: return "REDIRECTED_FROM";
    case 16409: return "TICKET_LT_OPAQUE";
    case 16410: return "TICKET_REQUEST";
    case 16411: return "TICKET_ACK";
    case 16412: return "TICKET_NACK";
    case 16413: return "TICKET_OPAQUE";
    case 16414: return "LINK_ID";
    case 16415: return "USE_WESP_MODE";
    case 16416: return "ROHC_SUPPORTED";
    default: return {};
  }
}

std::string_view later_status_name(std::uint16_t type) {
  switch (type) {
    case 16417: return "EAP_ONLY_AUTHENTICATION";
    case 16418: return "CHILDLESS_IKEV2_SUPPORTED";
    case 16419: return "QUICK_CRASH_DETECTION";
    case 16420: return "IKEV2_MESSAGE_ID_SYNC_SUPPORTED";
    case 16421: return "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED";
    case 16422: return "IKEV2_MESSAGE_ID_SYNC";
    case 16423: return "IPSEC_REPLAY_COUNTER_SYNC";
    case 16424: return "SECURE_PASSWORD_METHODS";
    case 16425: return "PSK_PERSIST";
    case 16426: return "PSK_CONFIRM";
    case 16427: return "ERX_SUPPORTED";
    case 16428: return "IFOM_CAPABILITY";
    case 16429: return "GROUP_SENDER";
    case 16430: return "IKEV2_FRAGMENTATION_SUPPORTED";
    case 16431: return "SIGNATURE_HASH_ALGORITHMS";
    case 16432: return "CLONE_IKE_SA_SUPPORTED";
    case 16433: return "CLONE_IKE_SA";
    case 16434: return "PUZZLE";
    case 16435: return "USE_PPK";
    case 16436: return "PPK_IDENTITY";
    case 16437: return "NO_PPK_AUTH";
    case 16438: return "INTERMEDIATE_EXCHANGE_SUPPORTED";
    case 16439: return "IP4_ALLOWED";
    case 16440: return "IP6_ALLOWED";
    case 16441: return "ADDITIONAL_KEY_EXCHANGE";
    case 16442: return "USE_AGGFRAG";
    case 16443: return "SUPPORTED_AUTH_METHODS";
    case 16444: return "SA_RESOURCE_INFO";
    case 16445: return "USE_PPK_INT";
    case 16446: return "PPK_IDENTITY_KEY";
    default: return {};
  }
}

// 40960 is libreswan's, the others are strongSwan's.
std::string_view private_status_name(std::uint16_t type) {
  switch (type) {
    case 40960: return "NULL_AUTH";
    case 40961: return "USE_BEET_MODE";
    case 40962: return "ME_MEDIATION";
    case 40963: return "ME_ENDPOINT";
    case 40964: return "ME_CALLBACK";
    case 40965: return "ME_CONNECTID";
    case 40966: return "ME_CONNECTKEY";
    case 40967: return "ME_CONNECTAUTH";
    case 40968: return "ME_RESPONSE";
    case 40969: return "RADIUS_ATTRIBUTE";
    default: return {};
  }
}

}  // namespace

std::string_view ike_notify_name(std::uint16_t type) noexcept {
  if (type < ike_notify::first_status) return error_name(type);
  if (type <= 16416) return early_status_name(type);
  return type < 40960 ? later_status_name(type) : private_status_name(type);
}

}  // namespace espdump::wire
