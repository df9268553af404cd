// IKE exchange types of both versions.
#include <espdump/wire/ikev2_names.hpp>

namespace espdump::wire {
namespace {

std::string_view version1(std::uint8_t exchange) {
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
  if (major_version == 1) return version1(exchange);
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

}  // namespace espdump::wire
