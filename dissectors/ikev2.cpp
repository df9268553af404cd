// The IKE header, RFC 7296 section 3.1, and that of version 1, RFC 2408 section 3.1. The payloads stay unread.
#include <espdump/dissector.hpp>
#include <espdump/wire/ikev2.hpp>
#include <espdump/wire/ikev2_names.hpp>

#include <fmt/format.h>

#include <iterator>

namespace espdump::dissectors {
namespace {

using wire::Ikev2;

constexpr Claim claims[] = {{Space::udp_port, 500}, {Space::internal, internal_claim::ikev2}};

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
  return Step::end();
}

std::string_view exchange_name(Ikev2 ike) { return wire::ike_exchange_name(ike.major_version(), ike.exchange()); }

void describe_flags(Ikev2 ike, FieldSink& out) {
  const Where where{Ikev2::flags_offset, 1};
  out.hex("flags", where, ike.flags(), 2);
  if (ike.major_version() == 1) {
    out.flag("encrypted", where, (ike.flags() & 0x01) != 0);
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
  out.number("next_payload", {Ikev2::next_payload_offset, 1}, ike->next_payload());
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
  auto end = std::back_inserter(out);
  if (ike->major_version() == 1) out += "IKEv1 ";
  if (name.empty())
    fmt::format_to(end, "IKE exchange {}", ike->exchange());
  else
    out += name;
  // Version 1 has random message IDs and does not tell requests from responses.
  if (ike->major_version() != 1)
    fmt::format_to(end, " {} {}", ike->is_response() ? "response" : "request", ike->message_id());
}

}  // namespace

extern constexpr Dissector ikev2{{"ikev2", "IKE"}, claims, dissect, describe, brief};
}  // namespace espdump::dissectors
