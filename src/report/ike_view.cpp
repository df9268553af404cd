// Reading off IKE SAs what reports show.
#include "report/ike_view.hpp"

#include <fmt/core.h>

#include <espdump/wire/ikev2_names.hpp>

namespace espdump {

std::vector<const SaStatistics*> sas_of(const IkeChild& child, const std::vector<SaStatistics>& sas) {
  const IpsecProtocol protocol = child.protocol == wire::ike_protocol::ah ? IpsecProtocol::ah : IpsecProtocol::esp;
  std::vector<const SaStatistics*> out;
  const auto add = [&](std::uint32_t spi, const IpAddress& destination) {
    for (const SaStatistics& sa : sas)
      if (sa.protocol == protocol && sa.spi == spi && sa.destination == destination) out.push_back(&sa);
  };
  add(child.responder_spi, child.responder);
  add(child.initiator_spi, child.initiator);
  return out;
}

std::string chosen_text(const IkeOffer& chosen) {
  if (chosen.transforms.empty()) return {};
  wire::IkeProposal proposal;
  proposal.protocol = chosen.protocol;
  proposal.transforms = chosen.transforms;
  return wire::proposal_text(proposal);
}

std::string_view nat_text(const IkeNat& nat) {
  if (nat.initiator && nat.responder) return "NAT in front of both ends";
  if (nat.initiator) return "NAT in front of the initiator";
  return nat.responder ? "NAT in front of the responder" : "";
}

std::string payloads_text(const IkeMessage& message, bool response) {
  std::string out;
  std::size_t others = 0;
  const auto add = [&out](std::string_view word) { out += fmt::format("{}{}", out.empty() ? "" : " ", word); };
  for (const std::uint8_t type : message.contents.payloads) {
    const std::string_view name = wire::ike_payload_abbreviation(type, response);
    if (type == wire::ike_payload::notify || type == wire::ike_payload::vendor_id) continue;
    if (type == wire::ike_payload::eap && !message.contents.eap.empty())
      add(fmt::format("{}({})", name, message.contents.eap));
    else
      add(name.empty() ? fmt::format("{}", type) : std::string{name});
  }
  for (const IkeNotice& notice : message.contents.notices) {
    const std::string_view name = wire::ike_notify_name(notice.type);
    if (!wire::is_capability_notify(notice.type))
      add(name.empty() ? fmt::format("N({})", notice.type) : fmt::format("N({})", name));
    else
      ++others;
  }
  if (others != 0) add(fmt::format("+{} N", others));
  return out;
}

std::vector<IkeRung> rungs_of(const IkeSa& sa) {
  std::vector<IkeRung> out;
  for (const IkeExchange& exchange : sa.exchanges) {
    if (exchange.request) out.push_back({&exchange, &*exchange.request, false});
    if (exchange.response) out.push_back({&exchange, &*exchange.response, true});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const IkeRung& a, const IkeRung& b) { return a.message->time < b.message->time; });
  return out;
}

std::string rung_text(const IkeRung& rung) {
  const IkeMessage& message = *rung.message;
  const std::string payloads = payloads_text(message, rung.response);
  std::string out = fmt::format("{} {} [{}{} ]", wire::ike_exchange_name(2, rung.exchange->type),
                                rung.exchange->message_id, payloads.empty() ? "" : " ", payloads);
  if (message.fragments != 0) out += fmt::format(" in {} of {} fragments", message.fragments_seen, message.fragments);
  if (message.sent > 1) out += fmt::format(", sent {} times", message.sent);
  if (message.sealed == IkeSealed::bad_icv) out += ", BAD ICV";
  return out;
}

}  // namespace espdump
