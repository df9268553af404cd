// Lower and upper bounds of IKE payloads, RFC 7296 section 3.
#include "decode/ike_sizes.hpp"

#include <algorithm>

#include "crypto/ike_prf.hpp"
#include "decode/ike_keyring.hpp"

namespace espdump {
namespace {

constexpr std::size_t generic_header = 4;

}  // namespace

std::optional<std::size_t> most_plaintext(const IkeSa& sa, const IkeMessage& message) {
  const std::optional<IkeSuite> suite = suite_of_offer(sa.chosen);
  if (!suite || suite->encryption.info == nullptr || message.fragments != 0) return std::nullopt;
  const AlgorithmChoice& checked = suite->integrity.info != nullptr ? suite->integrity : suite->encryption;
  const std::size_t around = suite->encryption.info->iv + checked.icv_bits / 8U + 1;  // the last is the pad length
  return message.sealed_length < around ? 0 : message.sealed_length - around;
}

std::size_t least_auth_response(const IkeSa& sa, bool with_child) {
  constexpr std::size_t identity = generic_header + 4 + 1, auth_header = generic_header + 4, shortest_signature = 64;
  constexpr std::size_t child_sa = generic_header + 12 + 8, selectors = 2 * (generic_header + 4 + 16);
  const std::optional<IkeSuite> suite = suite_of_offer(sa.chosen);
  const std::size_t mac = suite && suite->prf != Prf::unknown ? prf_size(suite->prf) : 16;
  return identity + auth_header + std::min(mac, shortest_signature) + (with_child ? child_sa + selectors : 0);
}

bool holds_auth(const IkeSa& sa, const IkeMessage& response) {
  const auto most = most_plaintext(sa, response);
  return !most || *most >= least_auth_response(sa, false);
}

}  // namespace espdump
