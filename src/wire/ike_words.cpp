// The payloads of a message in short, for one line.
#include <espdump/wire/ikev1_names.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/format.h>

namespace espdump::wire {
namespace {

constexpr std::size_t most_words = 24;

std::string numbered(std::string_view name, unsigned number) {
  return name.empty() ? std::to_string(number) : std::string{name};
}

std::string word(const IkePayload& payload, bool response) {
  const std::string name = numbered(ike_payload_abbreviation(payload.type, response), payload.type);
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
  std::size_t count = 0;
  IkePayloadChain chain{first, bytes};
  while (const auto payload = chain.next()) {
    if (++count > most_words) continue;
    if (!out.empty()) out += ' ';
    out += word_of(*payload);
  }
  return count > most_words ? fmt::format("{} (+{})", out, count - most_words) : out;
}

}  // namespace

std::string ike_payload_words(std::uint8_t first, Bytes chain, bool response) {
  return words(first, chain, [response](const IkePayload& payload) { return word(payload, response); });
}

std::string ikev1_payload_words(std::uint8_t first, Bytes chain) { return words(first, chain, version1_word); }

}  // namespace espdump::wire
