// Names of IKEv1 payloads, RFC 2408 section 3.1.
#include <espdump/wire/ikev2_names.hpp>

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

}  // namespace espdump::wire
