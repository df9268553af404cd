// Reading off IKE SAs what reports show.
#include "report/ike_view.hpp"

#include <fmt/format.h>

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
  auto notice = message.contents.notices.begin();
  for (const std::uint8_t type : message.contents.payloads) {
    if (!out.empty()) out += ' ';
    const std::string_view name = wire::ike_payload_abbreviation(type, response);
    out += name.empty() ? fmt::format("{}", type) : std::string{name};
    if (type != wire::ike_payload::notify || notice == message.contents.notices.end()) continue;
    const std::string_view said = wire::ike_notify_name(notice->type);
    out += said.empty() ? fmt::format("({})", notice->type) : fmt::format("({})", said);
    ++notice;
  }
  return out;
}

}  // namespace espdump
