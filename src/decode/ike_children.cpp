// Child SAs, RFC 7296 sections 1.3.1, 2.9 and 2.17. SPIs are those on which the side that names them receives.
#include "decode/ike_children.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace espdump {
namespace {

namespace notify = wire::ike_notify;

bool is_ipsec(const IkeOffer& offer) {
  return (offer.protocol == wire::ike_protocol::esp || offer.protocol == wire::ike_protocol::ah) && offer.spi != 0;
}

const IkeOffer* offer_chosen(const IkeContents& request, const IkeOffer& chosen) {
  const auto found = std::find_if(request.offers.begin(), request.offers.end(), [&](const IkeOffer& offer) {
    return offer.number == chosen.number && offer.protocol == chosen.protocol;
  });
  return found == request.offers.end() ? nullptr : &*found;
}

SaMode asked_mode(const IkeContents& contents) {
  if (contents.notice(notify::use_beet_mode) != nullptr) return SaMode::beet;
  if (contents.notice(notify::use_transport_mode) != nullptr) return SaMode::transport;
  return contents.notice(notify::use_aggfrag) != nullptr ? SaMode::iptfs : SaMode::tunnel;
}

bool uses_esn(const IkeOffer& chosen) {
  return std::any_of(chosen.transforms.begin(), chosen.transforms.end(), [](const wire::IkeTransform& transform) {
    return transform.type == wire::ike_transform::sequence_numbers && transform.id == 1;
  });
}

// Whether each one that was asked for is inside one in force. A request may name the packet that it is for beside the
// range that this one lies in (section 2.9).
bool covers(const std::vector<wire::TrafficSelector>& in_force, const std::vector<wire::TrafficSelector>& asked) {
  const auto covers_one = [](const wire::TrafficSelector& wide, const wire::TrafficSelector& it) {
    if (wide == it) return true;
    return wide.type == it.type && wide.first.size() != 0 && wide.first <= it.first && it.last <= wide.last &&
           (wide.protocol == 0 || wide.protocol == it.protocol) && wide.start_port <= it.start_port &&
           it.end_port <= wide.end_port;
  };
  return std::all_of(asked.begin(), asked.end(), [&](const wire::TrafficSelector& it) {
    return std::any_of(in_force.begin(), in_force.end(),
                       [&](const wire::TrafficSelector& wide) { return covers_one(wide, it); });
  });
}

// The selector that Linux puts into an SA is the first pair; only BEET needs it, for its inner addresses.
std::optional<Selector> selector_of(const std::vector<wire::TrafficSelector>& from,
                                    const std::vector<wire::TrafficSelector>& to) {
  if (from.empty() || to.empty()) return std::nullopt;
  const auto source = from.front().prefix(), destination = to.front().prefix();
  if (!source || !destination) return std::nullopt;
  Selector out;
  out.source = *source;
  out.destination = *destination;
  return out;
}

// Every pair of ranges that are prefixes, as policies are: what one of them covers is inside the Child SA.
std::vector<Selector> policies_of(const std::vector<wire::TrafficSelector>& from,
                                  const std::vector<wire::TrafficSelector>& to) {
  constexpr std::size_t most = 64;
  std::vector<Selector> out;
  for (const wire::TrafficSelector& source : from)
    for (const wire::TrafficSelector& destination : to) {
      const auto one = source.prefix(), other = destination.prefix();
      // What cannot be written as prefixes and single ports is not held against packets at all.
      if (!one || !other || out.size() == most || source.protocol != destination.protocol) return {};
      Selector& selector = out.emplace_back();
      selector.source = *one;
      selector.destination = *other;
      selector.protocol = source.protocol;
      const auto port_of = [](const wire::TrafficSelector& it, std::optional<std::uint16_t>& port) {
        if (it.start_port == 0 && it.end_port == 0xffff) return true;
        port = it.start_port;
        return it.start_port == it.end_port;
      };
      if (!port_of(source, selector.source_port) || !port_of(destination, selector.destination_port)) return {};
    }
  return out;
}

// One direction, without keys.
SecurityAssociation direction(const IkeChild& child, bool from_initiator) {
  SecurityAssociation sa;
  sa.source = from_initiator ? child.initiator : child.responder;
  sa.destination = from_initiator ? child.responder : child.initiator;
  sa.spi = from_initiator ? child.responder_spi : child.initiator_spi;
  sa.protocol = child.protocol == wire::ike_protocol::ah ? IpsecProtocol::ah : IpsecProtocol::esp;
  sa.mode = child.mode;
  sa.esn = child.esn;
  sa.align4 = true;  // strongSwan and Libreswan keep to the RFC
  sa.encapsulation = child.in_udp ? Encapsulation::udp : Encapsulation::none;
  const auto& from = from_initiator ? child.initiator_selectors : child.responder_selectors;
  const auto& to = from_initiator ? child.responder_selectors : child.initiator_selectors;
  if (child.mode == SaMode::beet) {
    sa.selector = selector_of(from, to);
    if (sa.selector) sa.selector_family = sa.selector->source.address.family();
  } else if (child.mode == SaMode::tunnel) {  // the others may be behind a NAT that the selectors know nothing of
    sa.policies = policies_of(from, to);
  }
  sa.file =
      fmt::format("{} in frame {}", child.exchange == wire::ike_exchange::ike_auth ? "IKE_AUTH" : "CREATE_CHILD_SA",
                  child.made_frame);
  return sa;
}

}  // namespace

std::optional<IkeChild> child_of_exchange(const IkeSa& sa, const IkeExchange& exchange, const IkeContents& request) {
  const IkeMessage& response = *exchange.response;
  if (response.contents.offers.empty() || !is_ipsec(response.contents.offers.front())) return std::nullopt;
  IkeChild out;
  out.chosen = response.contents.offers.front();
  const IkeOffer* offer = offer_chosen(request, out.chosen);
  if (offer == nullptr || !is_ipsec(*offer)) return std::nullopt;
  out.protocol = out.chosen.protocol;
  out.exchange = exchange.type;
  out.from_initiator = exchange.from_initiator;
  out.initiator = response.destination;
  out.responder = response.source;
  out.initiator_spi = static_cast<std::uint32_t>(offer->spi);
  out.responder_spi = static_cast<std::uint32_t>(out.chosen.spi);
  out.asked_mode = asked_mode(request);
  out.mode = asked_mode(response.contents) == out.asked_mode ? out.asked_mode : SaMode::tunnel;
  out.initiator_selectors = response.contents.initiator_selectors;
  out.responder_selectors = response.contents.responder_selectors;
  if (!covers(out.initiator_selectors, request.initiator_selectors) ||
      !covers(out.responder_selectors, request.responder_selectors)) {
    out.asked_initiator_selectors = request.initiator_selectors;
    out.asked_responder_selectors = request.responder_selectors;
  }
  out.esn = uses_esn(out.chosen);
  out.in_udp = sa.nat.initiator || sa.nat.responder;
  out.pfs = exchange.type != wire::ike_exchange::ike_auth && request.group && response.contents.group;
  out.made_frame = response.frame;
  out.made_file = response.file;
  out.made = response.time;
  if (const IkeNotice* rekeyed = request.notice(notify::rekey_sa)) out.rekeys = rekeyed->spi;
  return out;
}

std::optional<AssociationPair> associations_with(const IkeChild& child, const FalseKeys& forth, const FalseKeys& back) {
  const std::optional<IkeSuite> suite = suite_of_offer(child.chosen);
  if (!suite) return std::nullopt;
  AssociationPair out{direction(child, true), direction(child, false)};
  const auto give = [&](SecurityAssociation& sa, const FalseKeys& keys) {
    sa.encryption = suite->encryption.with(keys.encryption);
    sa.integrity = suite->integrity.with(keys.integrity);
    sa.keys_id = keys.id;
  };
  give(out.first, forth);
  give(out.second, back);
  return out;
}

std::vector<AssociationPair> associations_of(const IkeChild& child, const std::vector<std::pair<Prf, Secret>>& roots,
                                             const std::vector<std::vector<Secret>>& shared, const Nonces& nonces,
                                             IkeKeySource& source) {
  std::vector<AssociationPair> out;
  const std::optional<IkeSuite> suite = suite_of_offer(child.chosen);
  if (!suite) return out;
  for (const auto& [prf, sk_d] : roots)
    for (const std::vector<Secret>& secrets : shared) {
      SecretArena* arena = source.arena();
      if (arena == nullptr) return out;
      const auto keys = derive_child_keys(prf, sk_d, secrets, nonces, *suite, *arena);
      if (!keys) continue;
      auto& [forth, back] = out.emplace_back(direction(child, true), direction(child, false));
      forth.encryption = suite->encryption.with(keys->encryption_initiator);
      forth.integrity = suite->integrity.with(keys->integrity_initiator);
      back.encryption = suite->encryption.with(keys->encryption_responder);
      back.integrity = suite->integrity.with(keys->integrity_responder);
    }
  return out;
}

}  // namespace espdump
