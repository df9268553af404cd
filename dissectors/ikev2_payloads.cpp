// The payloads of an IKEv2 message that stand in the clear, or came out of an encrypted one: RFC 7296 section 3.
#include <espdump/dissector.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include <array>

#include "dissect/ike_chain.hpp"
#include "dissect/ike_fields.hpp"

namespace espdump::dissectors {
namespace {

namespace type = wire::ike_payload;

constexpr std::size_t most_described = 256;
constexpr std::size_t shortest_nonce = 16, longest_nonce = 256;  // section 3.9

// Every type but 0 and the two encrypted ones: who cannot be named is shown as bytes.
constexpr auto claims = [] {
  std::array<Claim, 253> all{};
  std::size_t count = 0;
  for (std::uint32_t value = 1; value < 256; ++value)
    if (value != type::encrypted && value != type::encrypted_fragment) all[count++] = {Space::ike_payload, value};
  return all;
}();

bool body_fits(std::uint8_t payload, Bytes body) {
  switch (payload) {
    case type::ke: return wire::read_ike_key_exchange(body).has_value();
    case type::idi:
    case type::idr: return wire::read_ike_identity(body).has_value();
    case type::cert:
    case type::certreq: return wire::read_ike_certificate(body).has_value();
    case type::auth: return wire::read_ike_auth(body).has_value();
    case type::notify: return wire::read_ike_notify(body).has_value();
    case type::del: return wire::read_ike_delete(body).has_value();
    case type::tsi:
    case type::tsr: return wire::read_traffic_selectors(body).has_value();
    case type::cp: return wire::read_ike_configuration(body).has_value();
    case type::eap: return wire::read_ike_eap(body).has_value();
    default: return true;
  }
}

// Empty: nothing is wrong.
std::string problem_of(const wire::IkePayload& payload) {
  if (payload.type == type::sa) return wire::read_ike_proposals(payload.body).error;
  if (payload.type == type::nonce && (payload.body.size() < shortest_nonce || payload.body.size() > longest_nonce))
    return fmt::format("it has {} bytes, not 16 to 256", payload.body.size());
  return body_fits(payload.type, payload.body) ? "" : "it is too short, or a length in it lies";
}

void check(const wire::IkePayload& payload, Context& context) {
  if (const std::string problem = problem_of(payload); !problem.empty())
    context.malformed(payload.offset, fmt::format("{} payload: {}", wire::ike_payload_name(payload.type), problem));
}

Step dissect(ByteReader& in, Context& context) {
  wire::IkePayloadChain chain{static_cast<std::uint8_t>(context.reached_by().value), in.rest()};
  while (!is_encrypted_payload(chain.next_type())) {
    const auto payload = chain.next();
    if (!payload) break;
    check(*payload, context);
  }
  if (!follow_ike_chain(chain, in, context)) return Step::end();
  if (is_encrypted_payload(chain.next_type())) return Step::to({Space::ike_payload, chain.next_type()});
  if (in.claimed_remaining() != 0)
    context.malformed(chain.offset(), fmt::format("{} bytes stand behind the last payload", in.claimed_remaining()));
  return Step::end();
}

void describe(const Layer& layer, FieldSink& out) {
  wire::IkePayloadChain chain{static_cast<std::uint8_t>(layer.reached_by), layer.header};
  for (std::size_t count = 0; !is_encrypted_payload(chain.next_type()); ++count) {
    const auto payload = chain.next();
    if (!payload) return;
    if (count == most_described) return out.text("more", {}, "more payloads, which are not shown");
    describe_ike_payload(*payload, out);
  }
}

// Whether this is a response only the header knows, so that nonces are called Ni here; see report/ike_brief.
void brief(const Layer& layer, std::string& out) {
  out += wire::ike_payload_words(static_cast<std::uint8_t>(layer.reached_by), layer.header, false);
}

}  // namespace

extern constexpr Dissector ikev2_payloads{
    {"ikev2_payloads", "IKE payloads"}, claims, dissect, describe, brief, &codes::ike_malformed};
}  // namespace espdump::dissectors
