// The payloads of an IKEv1 message in the clear, RFC 2408 section 3. What does not fit inside one is shown as bytes.
#include <espdump/dissector.hpp>
#include <espdump/wire/ikev1_names.hpp>

#include <array>

#include "dissect/ike_chain.hpp"
#include "dissect/ike_fields.hpp"

namespace espdump::dissectors {
namespace {

constexpr std::size_t most_described = 256;

constexpr auto claims = [] {
  std::array<Claim, 255> all{};
  for (std::uint32_t value = 1; value < 256; ++value) all[value - 1] = {Space::ikev1_payload, value};
  return all;
}();

// Bytes behind the last payload are let pass: messages may be padded.
Step dissect(ByteReader& in, Context& context) {
  wire::IkePayloadChain chain{static_cast<std::uint8_t>(context.reached_by().value), in.rest()};
  while (chain.next()) {
  }
  follow_ike_chain(chain, in, context);
  return Step::end();
}

void describe(const Layer& layer, FieldSink& out) {
  wire::IkePayloadChain chain{static_cast<std::uint8_t>(layer.reached_by), layer.header};
  for (std::size_t count = 0; const auto payload = chain.next(); ++count) {
    if (count == most_described) return out.text("more", {}, "more payloads, which are not shown");
    describe_ikev1_payload(*payload, out);
  }
}

void brief(const Layer& layer, std::string& out) {
  out += wire::ikev1_payload_words(static_cast<std::uint8_t>(layer.reached_by), layer.header);
}

}  // namespace

extern constexpr Dissector ikev1_payloads{
    {"ikev1_payloads", "IKEv1 payloads"}, claims, dissect, describe, brief, &codes::ike_malformed};
}  // namespace espdump::dissectors
