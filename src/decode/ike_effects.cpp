// What the messages of an IKE SA do, once they can be read: RFC 7296 sections 1.2 to 1.4, 2.8, 2.17, 2.18 and 2.23.
#include <algorithm>
#include <array>
#include <utility>

#include "crypto/sha1.hpp"
#include "decode/ike_children.hpp"
#include "decode/ike_follower.hpp"
#include "decode/ike_sizes.hpp"

namespace espdump {
namespace {

namespace payload = wire::ike_payload;
namespace exchange_type = wire::ike_exchange;

NatHash nat_hash(std::uint64_t initiator_spi, std::uint64_t responder_spi, const IpAddress& address,
                 std::uint16_t port) {
  std::array<std::uint8_t, 34> bytes{};
  const auto put = [&bytes](std::size_t at, std::uint64_t spi) {
    write_u32(bytes, at, static_cast<std::uint32_t>(spi >> 32));
    write_u32(bytes, at + 4, static_cast<std::uint32_t>(spi));
  };
  put(0, initiator_spi);
  put(8, responder_spi);
  const Bytes raw = address.bytes();
  std::copy(raw.begin(), raw.end(), bytes.begin() + 16);
  write_u16(bytes, 16 + raw.size(), port);
  return sha1(Bytes{bytes}.first(18 + raw.size()));
}

// A side whose own hash, or the other's of it, does not fit what was captured, has a NAT in front of it.
void check_nat(IkeSa& sa, const IkeMessage& message, std::uint64_t responder_spi, bool from_initiator) {
  const IkeContents& said = message.contents;
  if (said.nat_source.empty() || !said.nat_destination) return;
  const NatHash source = nat_hash(sa.initiator_spi, responder_spi, message.source, message.source_port);
  const NatHash destination = nat_hash(sa.initiator_spi, responder_spi, message.destination, message.destination_port);
  const bool source_fits = std::find(said.nat_source.begin(), said.nat_source.end(), source) != said.nat_source.end();
  sa.nat.checked = true;
  bool& sender = from_initiator ? sa.nat.initiator : sa.nat.responder;
  bool& receiver = from_initiator ? sa.nat.responder : sa.nat.initiator;
  sender = sender || !source_fits;
  receiver = receiver || *said.nat_destination != destination;
}

const IkeContents* request_of(const IkeExchange& exchange) {
  return exchange.request && exchange.request->readable() ? &exchange.request->contents : nullptr;
}

}  // namespace

void IkeFollower::take_effect(FollowedIkeSa& sa, IkeExchange& exchange, bool response) {
  const IkeMessage& message = response ? *exchange.response : *exchange.request;
  const IkeContents& said = message.contents;
  const bool by_initiator = exchange.from_initiator != response;
  bool& strongswan = by_initiator ? sa.facts.initiator_is_strongswan : sa.facts.responder_is_strongswan;
  strongswan = strongswan || said.says_strongswan;
  if (said.initiator_id) sa.facts.initiator_id = said.initiator_id;
  if (said.responder_id && response) sa.facts.responder_id = said.responder_id;
  if (message.sealed == IkeSealed::opened) apply_deletes(sa, message, by_initiator);
  if (const IkeNotice* size = said.notice(wire::ike_notify::set_window_size); size != nullptr && size->number != 0)
    (by_initiator ? sa.facts.by_responder : sa.facts.by_initiator).window = size->number;
  if (!response) {
    if (exchange.type == exchange_type::ike_sa_init) check_nat(sa.facts, message, 0, true);
    if (exchange.type == exchange_type::ike_auth && said.has(payload::sa)) sa.child_request = said;
    return;
  }
  switch (exchange.type) {
    case exchange_type::ike_sa_init: return answer_init(sa, exchange);
    case exchange_type::ike_auth: return answer_auth(sa, exchange);
    case exchange_type::create_child_sa: return answer_create_child(sa, exchange);
    case exchange_type::ike_intermediate:
      if (said.group) sa.keyring.intermediate(source_);
      return;
    default: return;
  }
}

// From a message that cannot be read only its kind and its size tell anything.
void IkeFollower::conclude(IkeSa& sa, const IkeExchange& exchange, bool response) {
  if (exchange.type == exchange_type::create_child_sa && sa.state != IkeState::closed) sa.state = IkeState::established;
  const bool open = sa.state == IkeState::half_open || sa.state == IkeState::failed;  // EAP has short answers, too
  if (response && open && exchange.type == exchange_type::ike_auth)
    sa.state = holds_auth(sa, *exchange.response) ? IkeState::established : IkeState::failed;
}

void IkeFollower::answer_init(FollowedIkeSa& sa, const IkeExchange& exchange) {
  const IkeMessage& response = *exchange.response;
  const IkeContents& said = response.contents;
  if (said.offers.empty() || said.nonce.empty()) {
    if (said.notice(wire::ike_notify::no_proposal_chosen) != nullptr) sa.facts.state = IkeState::failed;
    return;
  }
  sa.facts.state = IkeState::half_open;
  sa.facts.chosen = said.offers.front();
  check_nat(sa.facts, response, sa.facts.responder_spi, false);
  sa.keyring.name(sa.facts.initiator_spi, sa.facts.responder_spi, source_);
  sa.keyring.negotiated(sa.facts.chosen);
  sa.responder_nonce = said.nonce;
  if (exchange.request) sa.initiator_nonce = exchange.request->contents.nonce;
  sa.keyring.began({sa.initiator_nonce, sa.responder_nonce, {}, false, false}, source_);
}

void IkeFollower::answer_auth(FollowedIkeSa& sa, const IkeExchange& exchange) {
  const IkeContents& said = exchange.response->contents;
  if (said.has(payload::auth))
    sa.facts.state = IkeState::established;
  else if (said.error() != nullptr)
    sa.facts.state = IkeState::failed;
  if (said.has(payload::auth) && sa.child_request) make_child(sa, exchange, *sa.child_request);
}

void IkeFollower::answer_create_child(FollowedIkeSa& sa, const IkeExchange& exchange) {
  if (sa.facts.state == IkeState::half_open) sa.facts.state = IkeState::established;
  const IkeContents* request = request_of(exchange);
  if (request == nullptr || exchange.response->contents.offers.empty()) return;
  if (exchange.response->contents.offers.front().protocol == wire::ike_protocol::ike)
    rekey_ike(sa, exchange);
  else
    make_child(sa, exchange, *request);
}

void IkeFollower::make_child(FollowedIkeSa& sa, const IkeExchange& exchange, const IkeContents& request) {
  constexpr std::size_t most_children = 1024, most_secrets = 8;
  std::optional<IkeChild> child = child_of_exchange(sa.facts, exchange, request);
  if (!child || sa.facts.children.size() == most_children) return;
  const bool in_auth = exchange.type == exchange_type::ike_auth;
  const Nonces nonces = in_auth ? Nonces{sa.initiator_nonce, sa.responder_nonce}
                                : Nonces{request.nonce, exchange.response->contents.nonce};
  const bool has_additional = has_additional_exchanges(child->chosen);
  std::vector<std::vector<Secret>> shared;
  if (!child->pfs) {
    shared.emplace_back();
  } else if (auto known = needed_secrets(source_.secrets_of(nonces), has_additional); !known.empty()) {
    shared.push_back(std::move(known));
  } else if (!has_additional) {  // which secret is that of this exchange only the ICVs of its packets can tell
    for (const SharedSecret* secret : source_.nameless_secrets())
      if (shared.size() < most_secrets) shared.push_back({secret->value});
  }
  if (!nonces.initiator.empty() && !nonces.responder.empty())
    learn(sa, exchange, *child, associations_of(*child, sa.keyring.roots(), shared, nonces, source_));
  replace_child(sa, *child);
  sa.facts.children.push_back(std::move(*child));
}

void IkeFollower::learn(const FollowedIkeSa& sa, const IkeExchange& exchange, IkeChild& child,
                        std::vector<AssociationPair> made) {
  if (tape_.replayer) made = tape_.replayer->learned(child);
  if (tape_.recorder) tape_.recorder->learned(sa.facts, exchange, flows_.keystore(), made);
  child.derived = !made.empty();
  for (auto& [forth, back] : made) {
    flows_.learn(std::move(forth));
    flows_.learn(std::move(back));
  }
}

// Section 2.8.1: where both ends rekey at once, there are two successors for a while.
void IkeFollower::replace_child(FollowedIkeSa& sa, IkeChild& successor) {
  if (successor.rekeys == 0) return;
  IkeChild* before = child_of(sa, successor.protocol, successor.rekeys, successor.from_initiator);
  if (before == nullptr) return;
  for (IkeChild& other : sa.facts.children)
    if (before->replaced_by != 0 && other.initiator_spi == before->replaced_by &&
        other.from_initiator != successor.from_initiator)
      other.collided = successor.collided = true;
  if (before->replaced_by == 0) before->replaced_by = successor.initiator_spi;
}

// Who began the rekeying is the initiator of the new IKE SA, whose Child SAs live on under it (section 2.18).
void IkeFollower::rekey_ike(FollowedIkeSa& sa, const IkeExchange& exchange) {
  const IkeContents& request = exchange.request->contents;
  const IkeMessage& response = *exchange.response;
  const std::uint64_t initiator_spi = request.offers.empty() ? 0 : request.offers.front().spi;
  const std::uint64_t responder_spi = response.contents.offers.front().spi;
  if (initiator_spi == 0 || responder_spi == 0 || by_spis_.count({initiator_spi, responder_spi}) != 0) return;
  if (!make_room()) return;
  const IkeSaNumber number = ++last_;
  FollowedIkeSa& made = sas_[number];
  by_spis_[{initiator_spi, responder_spi}] = number;
  made.facts.number = number;
  made.facts.initiator_spi = initiator_spi;
  made.facts.responder_spi = responder_spi;
  made.facts.initiator = response.destination;
  made.facts.responder = response.source;
  made.facts.state = IkeState::established;
  made.facts.chosen = response.contents.offers.front();
  made.facts.nat = sa.facts.nat;
  made.facts.rekeyed_from = sa.facts.number;
  const bool same_roles = exchange.from_initiator;
  if (!same_roles) std::swap(made.facts.nat.initiator, made.facts.nat.responder);
  made.facts.initiator_id = same_roles ? sa.facts.initiator_id : sa.facts.responder_id;
  made.facts.responder_id = same_roles ? sa.facts.responder_id : sa.facts.initiator_id;
  if (const auto rival = sas_.find(sa.facts.rekeyed_to); rival != sas_.end()) {
    made.facts.collided_with = rival->first;
    rival->second.facts.collided_with = number;
  }
  sa.facts.rekeyed_to = number;
  made.keyring.name(initiator_spi, responder_spi, source_);
  made.keyring.negotiated(made.facts.chosen);
  made.keyring.began(
      {request.nonce, response.contents.nonce, sa.keyring.roots(), true, has_additional_exchanges(made.facts.chosen)},
      source_);
}

// The Child SA on which the given side of the IKE SA receives under that SPI, also of IKE SAs that this one replaced.
IkeChild* IkeFollower::child_of(FollowedIkeSa& sa, std::uint8_t protocol, std::uint32_t spi, bool of_initiator) {
  constexpr int most_generations = 16;
  FollowedIkeSa* at = &sa;
  bool initiator = of_initiator;
  for (int generation = 0; generation < most_generations; ++generation) {
    for (auto child = at->facts.children.rbegin(); child != at->facts.children.rend(); ++child) {
      const std::uint32_t own = child->from_initiator == initiator ? child->initiator_spi : child->responder_spi;
      if (own == spi && child->protocol == protocol) return &*child;
    }
    const auto before = sas_.find(at->facts.rekeyed_from);
    if (before == sas_.end()) return nullptr;
    // The same host may have the other role in the SA before.
    if (before->second.facts.initiator != at->facts.initiator) initiator = !initiator;
    at = &before->second;
  }
  return nullptr;
}

// Whether the Child SAs of one that is deleted live on under another: the one that replaced it or, where both ends
// rekeyed at once, the other one that came of it.
bool IkeFollower::lives_on(const IkeSa& sa) {
  if (sa.rekeyed_to != 0) return true;
  const auto rival = sas_.find(sa.collided_with);
  if (rival == sas_.end() || rival->second.facts.state == IkeState::closed) return false;
  if (const auto before = sas_.find(sa.rekeyed_from); before != sas_.end())
    before->second.facts.rekeyed_to = rival->first;
  return true;
}

void IkeFollower::apply_deletes(FollowedIkeSa& sa, const IkeMessage& message, bool by_initiator) {
  const auto end = [&](IkeChild& child, IkeChildEnd how) {
    if (child.end != IkeChildEnd::none) return;
    child.end = how;
    child.ended_frame = message.frame;
    child.ended_file = message.file;
    child.ended = message.time;
  };
  for (const auto& [protocol, spi] : message.contents.deletes)
    if (IkeChild* child = child_of(sa, protocol, spi, by_initiator)) end(*child, IkeChildEnd::deleted);
  if (!message.contents.deletes_ike) return;
  sa.facts.state = IkeState::closed;
  if (lives_on(sa.facts)) return;
  for (IkeChild& child : sa.facts.children) end(child, IkeChildEnd::ike_deleted);
  FollowedIkeSa* at = &sa;
  for (auto before = sas_.find(at->facts.rekeyed_from); before != sas_.end();
       before = sas_.find(before->second.facts.rekeyed_from))
    for (IkeChild& child : before->second.facts.children) end(child, IkeChildEnd::ike_deleted);
}

}  // namespace espdump
