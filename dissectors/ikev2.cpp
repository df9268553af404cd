// The IKE header, RFC 7296 section 3.1, and that of version 1, RFC 2408 section 3.1.
#include <espdump/dissector.hpp>
#include <espdump/wire/ikev2.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/core.h>

#include "base/append.hpp"

namespace espdump::dissectors {
namespace {

using wire::Ikev2;

constexpr Claim claims[] = {{Space::udp_port, 500}, {Space::internal, internal_claim::ikev2}};

constexpr std::uint8_t version1_encrypted = 0x01;

bool is_encrypted(Ikev2 ike) { return ike.major_version() == 1 && (ike.flags() & version1_encrypted) != 0; }

// Of version 2 the encrypted payload is one of the chain; in version 1 all behind the header is encrypted or nothing.
Step payloads_of(Ikev2 ike) {
  if (ike.next_payload() == 0 || is_encrypted(ike)) return Step::end();
  return Step::to({ike.major_version() == 1 ? Space::ikev1_payload : Space::ike_payload, ike.next_payload()});
}

Step dissect(ByteReader& in, Context& context) {
  in.skip(Ikev2::size);
  if (!in.ok()) return Step::end();
  const auto ike = Ikev2::over(in.consumed());
  if (ike.major_version() != 1 && ike.major_version() != 2)
    context.malformed(Ikev2::version_offset, fmt::format("version is {}, not 1 or 2", ike.major_version()));
  else if (ike.length() < Ikev2::size)
    context.malformed(Ikev2::length_offset, fmt::format("length is {}, less than the header's 28", ike.length()));
  else
    in.limit(ike.length() - Ikev2::size);
  return payloads_of(ike);
}

std::string_view payload_name(Ikev2 ike) {
  return ike.major_version() == 1 ? wire::ikev1_payload_name(ike.next_payload())
                                  : wire::ike_payload_name(ike.next_payload());
}

std::string_view exchange_name(Ikev2 ike) { return wire::ike_exchange_name(ike.major_version(), ike.exchange()); }

void describe_flags(Ikev2 ike, FieldSink& out) {
  const Where where{Ikev2::flags_offset, 1};
  out.hex("flags", where, ike.flags(), 2);
  if (ike.major_version() == 1) {
    out.flag("encrypted", where, is_encrypted(ike));
    return;
  }
  out.flag("initiator", where, ike.is_initiator());
  out.flag("higher_version", where, ike.higher_version());
  out.flag("response", where, ike.is_response());
}

void describe(const Layer& layer, FieldSink& out) {
  const auto ike = Ikev2::from(layer.header);
  if (!ike) return;
  out.hex("initiator_spi", {Ikev2::initiator_spi_offset, 8}, ike->initiator_spi(), 16);
  out.hex("responder_spi", {Ikev2::responder_spi_offset, 8}, ike->responder_spi(), 16);
  out.number("next_payload", {Ikev2::next_payload_offset, 1}, ike->next_payload(), payload_name(*ike));
  out.number("major_version", {Ikev2::version_offset, 1}, ike->major_version());
  out.number("minor_version", {Ikev2::version_offset, 1}, ike->minor_version());
  out.number("exchange", {Ikev2::exchange_offset, 1}, ike->exchange(), exchange_name(*ike));
  describe_flags(*ike, out);
  out.number("message_id", {Ikev2::message_id_offset, 4}, ike->message_id());
  out.number("length", {Ikev2::length_offset, 4}, ike->length());
}

void brief(const Layer& layer, std::string& out) {
  const auto ike = Ikev2::from(layer.header);
  if (!ike) return;
  const std::string_view name = exchange_name(*ike);
  if (ike->major_version() == 1) out += "IKEv1 ";
  if (name.empty())
    append(out, "{}exchange {}", ike->major_version() == 1 ? "" : "IKE ", ike->exchange());
  else
    out += name;
  // Version 1 has random message IDs and does not tell requests from responses.
  if (ike->major_version() != 1) append(out, " {} {}", ike->is_response() ? "response" : "request", ike->message_id());
  if (is_encrypted(*ike)) out += ", encrypted";
}

}  // namespace

extern constexpr Dissector ikev2{{"ikev2", "IKE"}, claims, dissect, describe, brief, &codes::ike_malformed};
}  // namespace espdump::dissectors
