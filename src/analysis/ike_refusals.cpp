// Exchanges that were refused: by a notification that can be read, or by what the size of a sealed answer leaves room
// for.
#include <fmt/core.h>

#include <espdump/wire/ikev2_names.hpp>

#include <algorithm>
#include <array>

#include "analysis/ike_proposals.hpp"
#include "analysis/ike_verdict.hpp"
#include "decode/ike_sizes.hpp"

namespace espdump {
namespace {

namespace notify = wire::ike_notify;
namespace exchange_type = wire::ike_exchange;

std::string offered_by(const IkeMessage* request) {
  if (request == nullptr || request->contents.offers.empty()) return "What was offered cannot be read.";
  return fmt::format("Offered in {}: {}.", frame_text(*request), offers_text(request->contents.offers));
}

std::string place_text(const std::string& file, std::size_t line) { return fmt::format("{}:{}", file, line); }

// What the end that refused would have taken. Its answer does not say; its log does, and what it offered itself
// elsewhere in the capture is as good.
std::string taken_by(const IpAddress& refuser, std::uint8_t protocol, const IkeMessage* request, const IkeSa& sa,
                     const Decoder& decoder) {
  const std::vector<IkeOffer> offered = request == nullptr ? std::vector<IkeOffer>{} : request->contents.offers;
  const auto logged = decoder.keystore().logged_proposals();
  for (auto entry = logged.rbegin(); entry != logged.rend(); ++entry) {
    if (offered.empty() || !same_offers(offers_of(entry->received), offered)) continue;
    const std::vector<IkeOffer> taken = offers_of(entry->configured);
    return fmt::format("\n{} takes by its log ({}): {}.\n{}", refuser.to_string(), place_text(entry->file, entry->line),
                       offers_text(taken), in_common_text(offered, taken));
  }
  for (const IkeSa* other : decoder.ike_sas())
    for (const IkeExchange& exchange : other->exchanges) {
      if (other->number == sa.number || !exchange.request || exchange.request->source != refuser) continue;
      const auto& offers = exchange.request->contents.offers;
      if (offers.empty() || offers.front().protocol != protocol) continue;
      return fmt::format("\n{} itself offers in {}: {}.\n{}", refuser.to_string(), frame_text(*exchange.request),
                         offers_text(offers), in_common_text(offered, offers));
    }
  return fmt::format(
      "\nWhat {} would take is not in its answer; its log has it (strongSwan: `configured proposals`): give that with "
      "--keys, too.",
      refuser.to_string());
}

bool rekeys_ike(const IkeMessage* request) {
  return request != nullptr && !request->contents.offers.empty() &&
         request->contents.offers.front().protocol == wire::ike_protocol::ike;
}

const IkeMessage* request_of(const IkeExchange& exchange) {
  return exchange.request && exchange.request->readable() ? &*exchange.request : nullptr;
}

// Of IKE_AUTH the request with the proposals; with EAP it is an earlier one.
const IkeMessage* child_request(const IkeSa& sa, const IkeExchange& exchange) {
  const IkeMessage* request = request_of(exchange);
  if (request != nullptr && !request->contents.offers.empty()) return request;
  for (const IkeExchange& earlier : sa.exchanges) {
    const IkeMessage* candidate = request_of(earlier);
    if (earlier.type == exchange.type && candidate != nullptr && !candidate->contents.offers.empty()) return candidate;
  }
  return request;
}

IkeVerdict no_ike_proposal(const IkeSa& sa, const IkeExchange& exchange, const Decoder& decoder) {
  const IpAddress& refuser = exchange.response->source;
  const IkeMessage* request = request_of(exchange);
  IkeVerdict out = verdict_at(codes::ike_no_proposal_chosen, sa, *exchange.response);
  out.what = fmt::format("{} refuses {} in {} with NO_PROPOSAL_CHOSEN", refuser.to_string(), exchange_text(exchange),
                         frame_text(*exchange.response));
  out.why = offered_by(request) + taken_by(refuser, wire::ike_protocol::ike, request, sa, decoder);
  out.remedy = fmt::format(
      "Give both ends one IKE proposal in common: `proposals` of the connection in swanctl.conf (`ike=` in "
      "ipsec.conf); "
      "one of those above on {} is enough. The same answer comes where no connection there is meant for these "
      "addresses ({} > {}): compare local_addrs and remote_addrs (left and right).",
      refuser.to_string(), exchange.response->destination.to_string(), refuser.to_string());
  return out;
}

// That the IKE SA is up although nothing goes through it is what costs people days.
std::string stays_up(const IkeExchange& exchange) {
  return exchange.type == exchange_type::ike_auth
             ? "\nThe IKE SA itself is up and stays (`swanctl --list-sas` shows ESTABLISHED without a child): the "
               "secrets and identities are right."
             : "\nThe IKE SA stays.";
}

IkeVerdict no_child_proposal(const IkeSa& sa, const IkeExchange& exchange, const Decoder& decoder) {
  const IpAddress& refuser = exchange.response->source;
  const IkeMessage* request = child_request(sa, exchange);
  IkeVerdict out = verdict_at(codes::ike_child_failed, sa, *exchange.response);
  out.what = fmt::format("{} refuses the Child SA in {} ({}) with NO_PROPOSAL_CHOSEN", refuser.to_string(),
                         frame_text(*exchange.response), exchange_text(exchange));
  out.why = offered_by(request) + taken_by(refuser, wire::ike_protocol::esp, request, sa, decoder) + stays_up(exchange);
  out.remedy = fmt::format(
      "Give both ends one ESP proposal in common: `esp_proposals` of the child in swanctl.conf (`esp=` in ipsec.conf), "
      "then `swanctl --initiate --child NAME`.{}",
      exchange.type == exchange_type::create_child_sa
          ? " At a rekeying the key exchange group counts too (PFS): a group on one end only fails here, not before."
          : "");
  return out;
}

// What the responder allows by its log, where that has the same request. charon writes both lists with blanks.
std::string allowed_by(const IpAddress& refuser, const IkeMessage& request, const Decoder& decoder) {
  const auto text = [](const std::vector<wire::TrafficSelector>& selectors) {
    std::string out;
    for (const wire::TrafficSelector& it : selectors) out += (out.empty() ? "" : " ") + wire::to_string(it);
    return out;
  };
  const std::string here = text(request.contents.responder_selectors),
                    there = text(request.contents.initiator_selectors);
  const auto logged = decoder.keystore().logged_selectors();
  for (auto entry = logged.rbegin(); entry != logged.rend(); ++entry) {
    if (entry->asked_here != here || entry->asked_there != there) continue;
    std::string out =
        fmt::format("\nBy its log ({}) {} allows", place_text(entry->file, entry->line), refuser.to_string());
    if (!entry->allowed_here.empty()) out += fmt::format(" {} on its side", entry->allowed_here);
    if (!entry->allowed_there.empty())
      out += fmt::format("{} {} on the other", entry->allowed_here.empty() ? "" : " and", entry->allowed_there);
    return out + ".";
  }
  return {};
}

IkeVerdict unacceptable_selectors(const IkeSa& sa, const IkeExchange& exchange, const Decoder& decoder) {
  const IkeMessage* request = child_request(sa, exchange);
  IkeVerdict out = verdict_at(codes::ike_ts_unacceptable, sa, *exchange.response);
  const std::string asker_text = exchange.response->destination.to_string();
  const std::string refuser = exchange.response->source.to_string();
  out.what = fmt::format("{} refuses the Child SA in {} ({}) with TS_UNACCEPTABLE", refuser,
                         frame_text(*exchange.response), exchange_text(exchange));
  if (request != nullptr && !request->contents.initiator_selectors.empty())
    out.why =
        fmt::format("{} asks for {} on its side and {} on the side of {}; nothing of that overlaps what {} allows.",
                    asker_text, selectors_text(request->contents.initiator_selectors),
                    selectors_text(request->contents.responder_selectors), refuser, refuser) +
        allowed_by(exchange.response->source, *request, decoder);
  out.why += stays_up(exchange);
  out.remedy = fmt::format(
      "In swanctl.conf `local_ts` of {} must overlap `remote_ts` of {}, and the other way round (leftsubnet and "
      "rightsubnet in ipsec.conf). Where one end gets a virtual IP, the other's remote_ts is `dynamic`.",
      asker_text, refuser);
  return out;
}

// Who it says it is, and whom it wants at the other end.
std::string identities_text(const IkeSa& sa, const IkeMessage* proof) {
  std::string out;
  if (sa.initiator_id) out += fmt::format(" The initiator says it is {}.", *sa.initiator_id);
  if (sa.responder_id)
    out += fmt::format(" The responder says it is {}.", *sa.responder_id);
  else if (proof != nullptr && proof->contents.responder_id)
    out += fmt::format(" It wants the responder to be {}.", *proof->contents.responder_id);
  return out;
}

std::string method_text(std::uint8_t method) {
  const std::string_view name = wire::ike_auth_method_name(method);
  return name.empty() ? fmt::format("method {}", method) : std::string{name};
}

// What of the proof of the side that was refused stands in the capture.
std::string proof_text(const IkeMessage* proof) {
  if (proof == nullptr) return {};
  std::string out;
  if (proof->contents.auth_method != 0)
    out += fmt::format(" Its proof is by {}.", method_text(proof->contents.auth_method));
  for (const IkeCertificateFacts& certificate : proof->contents.certificates) {
    const std::int64_t now = proof->time.nanoseconds / 1'000'000'000;
    if (now > certificate.not_after)
      out += fmt::format(" Its certificate, {}, had expired.", certificate.subject);
    else if (now < certificate.not_before)
      out += fmt::format(" Its certificate, {}, was not valid yet: are both clocks right?", certificate.subject);
    else
      out += fmt::format(" Its certificate is {}, issued by {}.", certificate.subject, certificate.issuer);
  }
  return out;
}

std::string auth_remedy(const std::string& refuser, const IkeMessage* proof) {
  constexpr std::uint8_t shared_key = 2;
  const std::uint8_t method = proof == nullptr ? 0 : proof->contents.auth_method;
  if (method == shared_key)
    return fmt::format(
        "With a shared key it is the key itself or the identities it is looked up by: compare `secret` and `id` under "
        "secrets (ipsec.secrets), and `id` in local and remote (leftid, rightid), on both ends; the log of {} says "
        "which (`MAC mismatched`, or `no "
        "matching "
        "peer config found`).",
        refuser);
  if (method != 0)
    return fmt::format(
        "Compare `id` in local and remote (leftid, rightid in ipsec.conf) on both ends, and whether {} trusts the "
        "issuer "
        "(x509ca, or ipsec.d/cacerts) and finds the certificate valid; its log says which (`no trusted … public key "
        "found`, `no matching peer config found`).",
        refuser);
  return fmt::format(
      "Wrong shared key, an identity that the other end does not know, or a certificate it does not trust: compare "
      "`secrets` and `id` in local and remote of swanctl.conf (ipsec.secrets, leftid, rightid) on both ends; the log "
      "of {} says which it was.",
      refuser);
}

IkeVerdict refused_proof(const IkeSa& sa, const IkeMessage& refusal, const std::string& where,
                         const IkeMessage* proof) {
  IkeVerdict out = verdict_at(codes::ike_auth_failed, sa, refusal);
  const std::string refuser = refusal.source.to_string();
  out.what = fmt::format("{} refuses {} in {} with AUTHENTICATION_FAILED", refuser, where, frame_text(refusal));
  out.why = fmt::format("{} does not accept what {} says it is, or its proof.{}{}", refuser,
                        refusal.destination.to_string(), identities_text(sa, proof), proof_text(proof));
  out.remedy = auth_remedy(refuser, proof);
  return out;
}

// Refusals that have no code of their own.
struct Other {
  std::uint16_t type;
  std::string_view why, remedy;
};
constexpr std::array others{
    Other{notify::single_pair_required, "It takes one pair of traffic selectors for a Child SA only.",
          "Configure a child of its own for each pair of subnets (a `conn` of its own in ipsec.conf)."},
    Other{notify::no_additional_sas, "It holds no more Child SAs under one IKE SA.",
          "Use one child for all traffic selectors, or an IKE SA of its own for each child."},
    Other{notify::internal_address_failure, "It has no virtual IP address to give.",
          "Look at the address pool of the responder: `pools` in swanctl.conf (rightsourceip in ipsec.conf); is it "
          "exhausted, or not named by the connection?"},
    Other{notify::failed_cp_required, "It wants the initiator to ask for a virtual IP address.",
          "Set `vips = 0.0.0.0` (or ::) in the initiator's connection (`leftsourceip=%config` in ipsec.conf)."},
    Other{notify::invalid_syntax, "It cannot make sense of the request.",
          "Look into the log of the end that refuses; versions or extensions do not get along."},
    Other{notify::unsupported_critical_payload, "It does not know a payload that the request calls critical.",
          "Turn the extension off that needs this payload."},
    Other{notify::invalid_selectors, "A packet outside the traffic selectors came to it.",
          "Look for a route or NAT that puts other traffic into the tunnel."}};

IkeVerdict other_refusal(const IkeSa& sa, const IkeExchange& exchange, const IkeNotice& notice) {
  IkeVerdict out = verdict_at(codes::ike_child_failed, sa, *exchange.response);
  const std::string_view name = wire::ike_notify_name(notice.type);
  out.what = fmt::format("{} refuses the Child SA in {} ({}) with {}", exchange.response->source.to_string(),
                         frame_text(*exchange.response), exchange_text(exchange),
                         name.empty() ? fmt::format("error {}", notice.type) : std::string{name});
  const auto known =
      std::find_if(others.begin(), others.end(), [&](const Other& it) { return it.type == notice.type; });
  if (known == others.end()) {
    out.remedy = "Look into the log of the end that refuses.";
    return out;
  }
  out.why = known->why;
  out.remedy = known->remedy;
  return out;
}

IkeVerdict wrong_group(const IkeSa& sa, const IkeExchange& exchange, std::uint32_t wanted) {
  const auto keyword = [](std::uint32_t group) {
    return wire::swanctl_keyword({wire::ike_transform::key_exchange, static_cast<std::uint16_t>(group), 0});
  };
  const IkeMessage& response = *exchange.response;
  // The same under another number or the same one: what matters is that the group that is wanted was tried later.
  const bool retried = std::any_of(sa.exchanges.begin(), sa.exchanges.end(), [&](const IkeExchange& other) {
    return other.type == exchange.type && other.request && other.request->frame > response.frame &&
           other.request->contents.group == wanted;
  });
  IkeVerdict out = verdict_at(retried ? codes::ike_invalid_ke : codes::ike_invalid_ke_unresolved, sa, response);
  const IkeMessage* request = request_of(exchange);
  const std::string guessed =
      request != nullptr && request->contents.group ? keyword(*request->contents.group) : "another";
  out.what = fmt::format("{} wants group {} in {}, {} offered {} first", response.source.to_string(), keyword(wanted),
                         frame_text(response), response.destination.to_string(), guessed);
  if (retried) {
    out.why = "The initiator tried again with that group.";
    return out;
  }
  const bool has_it =
      request != nullptr && offers_text(request->contents.offers).find(keyword(wanted)) != std::string::npos;
  out.why = has_it ? "Its proposals have that group, but it did not come back with it."
                   : "Its proposals do not have that group, so it cannot come back with it.";
  return out;
}

bool is_race(std::uint16_t type) { return type == notify::temporary_failure || type == notify::child_sa_not_found; }

}  // namespace

std::optional<IkeVerdict> judge_response(const IkeSa& sa, const IkeExchange& exchange, const Decoder& decoder) {
  const IkeContents& said = exchange.response->contents;
  const IkeNotice* error = said.error();
  if (error == nullptr || is_race(error->type)) return std::nullopt;
  const bool makes_ike = exchange.type == exchange_type::ike_sa_init || rekeys_ike(request_of(exchange));
  const bool makes_child = exchange.type == exchange_type::ike_auth || exchange.type == exchange_type::create_child_sa;
  if (error->type == notify::invalid_ke_payload) return std::nullopt;  // the next request may put it right
  if (error->type == notify::authentication_failed)
    return refused_proof(sa, *exchange.response, exchange_text(exchange), request_of(exchange));
  if (error->type == notify::no_proposal_chosen && makes_ike) return no_ike_proposal(sa, exchange, decoder);
  if (error->type == notify::no_proposal_chosen && makes_child) return no_child_proposal(sa, exchange, decoder);
  if (error->type == notify::ts_unacceptable) return unacceptable_selectors(sa, exchange, decoder);
  if (makes_child) return other_refusal(sa, exchange, *error);
  return std::nullopt;
}

// The initiator has the last word: it tells in an exchange of its own that it does not accept the responder's proof.
std::optional<IkeVerdict> judge_request(const IkeSa& sa, const IkeExchange& exchange) {
  if (!exchange.request || exchange.request->contents.notice(notify::authentication_failed) == nullptr)
    return std::nullopt;
  const IkeMessage* proof = nullptr;
  for (const IkeExchange& earlier : sa.exchanges)
    if (earlier.type == exchange_type::ike_auth && earlier.response && earlier.response->readable())
      proof = &*earlier.response;
  return refused_proof(sa, *exchange.request, "the responder's IKE_AUTH", proof);
}

std::optional<IkeVerdict> judge_size(const IkeSa& sa, const IkeEvidence& evidence) {
  const IkeExchange* last = nullptr;
  for (const IkeExchange& exchange : sa.exchanges) {
    if (exchange.type == exchange_type::ike_auth) last = &exchange;
    if (exchange.type == exchange_type::create_child_sa) return std::nullopt;  // it came up, and lived
  }
  if (last == nullptr || !last->response || last->response->readable()) return std::nullopt;
  const IkeMessage& response = *last->response;
  const auto most = most_plaintext(sa, response);
  if (!most) return std::nullopt;
  const bool has_traffic = std::any_of(evidence.ipsec.begin(), evidence.ipsec.end(), [&](const SaStatistics& ipsec) {
    const bool between = (ipsec.source == sa.initiator && ipsec.destination == sa.responder) ||
                         (ipsec.source == sa.responder && ipsec.destination == sa.initiator);
    return between && ipsec.last_time >= response.time;
  });
  if (has_traffic) return std::nullopt;
  const std::string refuser = response.source.to_string();
  if (*most < least_auth_response(sa, false)) {
    IkeVerdict out = verdict_at(codes::ike_auth_failed, sa, response);
    out.what = fmt::format("{} refuses {} in {}, by all that can be seen without keys", refuser, exchange_text(*last),
                           frame_text(response));
    out.why = fmt::format(
        "The answer is encrypted, but at most {} bytes are inside: IDr and AUTH of an answer that accepts would take "
        "{}. "
        "It holds a notification, as a rule AUTHENTICATION_FAILED.",
        *most, least_auth_response(sa, false));
    out.remedy = auth_remedy(refuser, nullptr);
    return out;
  }
  if (*most >= least_auth_response(sa, true)) return std::nullopt;
  IkeVerdict out = verdict_at(codes::ike_child_failed, sa, response);
  out.what = fmt::format("{} accepts the IKE SA but no Child SA in {}, by all that can be seen without keys", refuser,
                         frame_text(response));
  out.why = fmt::format(
      "The answer is encrypted, but at most {} bytes are inside: with SA, TSi and TSr it would take {}. So it holds a "
      "refusal beside AUTH: NO_PROPOSAL_CHOSEN or TS_UNACCEPTABLE, as a rule. No ESP follows, although the IKE SA is "
      "up "
      "and stays.",
      *most, least_auth_response(sa, true));
  out.remedy = fmt::format(
      "Compare `esp_proposals` (`esp=` in ipsec.conf), and `local_ts` with the other end's `remote_ts` (leftsubnet, "
      "rightsubnet), in swanctl.conf of both ends; the log of {} says which of them it was. With keys of the IKE SA "
      "espdump names it, too: charon's log "
      "at "
      "`ike = 4` (see docs/keys.md).",
      refuser);
  return out;
}

std::vector<IkeVerdict> judge_groups(const IkeSa& sa) {
  std::vector<IkeVerdict> out;
  for (const IkeExchange& exchange : sa.exchanges) {
    if (!exchange.response) continue;
    if (const IkeNotice* notice = exchange.response->contents.notice(notify::invalid_ke_payload))
      out.push_back(wrong_group(sa, exchange, notice->number));
  }
  return out;
}

}  // namespace espdump
