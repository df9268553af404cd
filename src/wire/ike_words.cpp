// The payloads of a message in short, for one line.
#include <espdump/wire/ikev1_names.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace espdump::wire {
namespace {

constexpr std::size_t most_words = 24;

std::string numbered(std::string_view name, unsigned number) {
  return name.empty() ? std::to_string(number) : std::string{name};
}

bool is_capability(const IkePayload& payload) {
  const auto notify = payload.type == ike_payload::notify ? read_ike_notify(payload.body) : std::nullopt;
  return notify && is_capability_notify(notify->type);
}

std::string word(const IkePayload& payload, bool response) {
  std::string name = numbered(ike_payload_abbreviation(payload.type, response), payload.type);
  if (payload.type == ike_payload::eap) {
    const std::string eap = ike_eap_words(payload.body);
    return eap.empty() ? name : fmt::format("{}({})", name, eap);
  }
  if (payload.type != ike_payload::notify) return name;
  const auto notify = read_ike_notify(payload.body);
  return notify ? fmt::format("N({})", numbered(ike_notify_name(notify->type), notify->type)) : name;
}

// The types of payloads that say more than their name, RFC 2408 section 3.14 and Cisco's fragments.
std::string version1_word(const IkePayload& payload) {
  constexpr std::uint8_t notification = 11, fragment = 132;
  const std::string name = numbered(ikev1_payload_abbreviation(payload.type), payload.type);
  if (payload.type == notification && payload.body.size() >= 8) {
    const std::uint16_t type = read_u16(payload.body, 6);
    return fmt::format("N({})", numbered(ikev1_notify_name(type), type));
  }
  return payload.type == fragment && payload.body.size() >= 3 ? fmt::format("{} {}", name, payload.body[2]) : name;
}

template <typename Word>
std::string words(std::uint8_t first, Bytes bytes, Word word_of) {
  std::string out;
  std::size_t count = 0, capabilities = 0;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : " ") + text; };
  IkePayloadChain chain{first, bytes};
  while (const auto payload = chain.next()) {
    if (is_capability(*payload))
      ++capabilities;
    else if (++count <= most_words)
      add(word_of(*payload));
  }
  if (capabilities != 0) add(fmt::format("+{} N", capabilities));
  if (count > most_words) add(fmt::format("(+{})", count - most_words));
  return out;
}

}  // namespace

bool is_capability_notify(std::uint16_t type) noexcept {
  namespace notify = ike_notify;
  constexpr std::array list{notify::nat_detection_source_ip,
                            notify::nat_detection_destination_ip,
                            notify::ikev2_fragmentation_supported,
                            notify::signature_hash_algorithms,
                            notify::redirect_supported,
                            notify::childless_ikev2_supported,
                            notify::multiple_auth_supported,
                            notify::mobike_supported,
                            notify::additional_ip4_address,
                            notify::additional_ip6_address,
                            notify::no_additional_addresses,
                            notify::eap_only_authentication,
                            notify::message_id_sync_supported,
                            notify::intermediate_exchange_supported,
                            notify::non_first_fragments_also,
                            notify::esp_tfc_padding_not_supported,
                            notify::http_cert_lookup_supported,
                            notify::quick_crash_detection,
                            notify::supported_auth_methods,
                            notify::use_ppk};
  return std::find(list.begin(), list.end(), type) != list.end();
}

std::string ike_eap_words(Bytes body) {
  const auto eap = read_ike_eap(body);
  if (!eap) return {};
  const std::string code = numbered(eap_code_name(eap->code), eap->code);
  return eap->type ? fmt::format("{} {}", code, numbered(eap_type_name(*eap->type), *eap->type)) : code;
}

std::string ike_payload_words(std::uint8_t first, Bytes chain, bool response) {
  return words(first, chain, [response](const IkePayload& payload) { return word(payload, response); });
}

std::string ikev1_payload_words(std::uint8_t first, Bytes chain) { return words(first, chain, version1_word); }

}  // namespace espdump::wire
