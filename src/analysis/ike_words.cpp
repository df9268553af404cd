// Words for what IKE messages hold.
#include <fmt/core.h>

#include <espdump/wire/ikev2_names.hpp>

#include "analysis/ike_verdict.hpp"

namespace espdump {

IkeVerdict verdict_at(const FindingInfo& info, const IkeSa& sa, const IkeMessage& message) {
  IkeVerdict out;
  out.info = &info;
  out.frame = message.frame;
  out.file = message.file;
  out.sa = sa.number;
  return out;
}

std::string offers_text(const std::vector<IkeOffer>& offers) {
  constexpr std::size_t most = 6;
  std::string out;
  for (std::size_t i = 0; i < offers.size() && i < most; ++i) {
    wire::IkeProposal proposal;
    proposal.protocol = offers[i].protocol;
    proposal.transforms = offers[i].transforms;
    out += (i == 0 ? "" : ", ") + wire::swanctl_proposal(proposal);
  }
  return offers.size() > most ? out + fmt::format(" … (+{})", offers.size() - most) : out;
}

std::string selectors_text(const std::vector<wire::TrafficSelector>& selectors) {
  constexpr std::size_t most = 6;
  std::string out;
  for (std::size_t i = 0; i < selectors.size() && i < most; ++i)
    out += (i == 0 ? "" : ", ") + wire::to_string(selectors[i]);
  return selectors.size() > most ? out + fmt::format(" … (+{})", selectors.size() - most) : out;
}

std::string exchange_text(const IkeExchange& exchange) {
  const std::string_view name = wire::ike_exchange_name(2, exchange.type);
  return name.empty() ? fmt::format("exchange {} {}", exchange.type, exchange.message_id)
                      : fmt::format("{} {}", name, exchange.message_id);
}

std::string frame_text(const IkeMessage& message) {
  return message.file == 0 ? fmt::format("frame {}", message.frame)
                           : fmt::format("frame {}:{}", message.file + 1, message.frame);
}

const IpAddress& asker(const IkeSa& sa, const IkeExchange& exchange) {
  return exchange.from_initiator ? sa.initiator : sa.responder;
}

const IpAddress& answerer(const IkeSa& sa, const IkeExchange& exchange) {
  return exchange.from_initiator ? sa.responder : sa.initiator;
}

}  // namespace espdump
