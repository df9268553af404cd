// What can be said of an IKE SA that came up: NAT, weak algorithms, modes that were asked for and are not in force, and
// Child SAs that carry packets after their end.
#include <fmt/core.h>

#include <espdump/wire/ikev2_names.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "analysis/analyzers.hpp"
#include "analysis/ike_lives.hpp"
#include "analysis/ike_verdict.hpp"

namespace espdump {
namespace {

namespace exchange_type = wire::ike_exchange;
namespace transform = wire::ike_transform;

IkeVerdict verdict(const FindingInfo& info, const IkeSa& sa, FrameNumber frame, std::uint16_t file) {
  IkeVerdict out;
  out.info = &info;
  out.frame = frame;
  out.file = file;
  out.sa = sa.number;
  return out;
}

// --- NAT -------------------------------------------------------------------------------------------------

std::optional<IkeVerdict> nat(const IkeSa& sa) {
  if (sa.rekeyed_from != 0 || (!sa.nat.initiator && !sa.nat.responder)) return std::nullopt;
  const bool both = sa.nat.initiator && sa.nat.responder;
  const std::string who = both               ? "both peers"
                          : sa.nat.initiator ? fmt::format("the initiator, {}", sa.initiator.to_string())
                                             : fmt::format("the responder, {}", sa.responder.to_string());
  const auto stays = std::find_if(sa.exchanges.begin(), sa.exchanges.end(), [](const IkeExchange& exchange) {
    return exchange.type == exchange_type::ike_auth && exchange.request && exchange.request->destination_port == 500;
  });
  const bool ignored = stays != sa.exchanges.end();
  IkeVerdict out =
      verdict(ignored ? codes::ike_nat_ignored : codes::ike_nat, sa, ignored ? stays->request->frame : sa.first_frame,
              ignored ? stays->request->file : sa.first_file);
  out.what = fmt::format("NAT in front of {}{}", who, ignored ? ", but IKE_AUTH stays on port 500" : "");
  out.why =
      "The hashes of NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP do not fit the addresses in this "
      "capture (or `encap = yes`, forceencaps in ipsec.conf, is set there: it sends a wrong hash on purpose).";
  return out;
}

// --- algorithms ------------------------------------------------------------------------------------------

// RFC 8247 sections 2.1 to 2.4, RFC 8221 for what is in IPsec alone, RFC 9395.
struct Weak {
  std::uint8_t type;
  std::uint16_t id;
  std::string_view why;
};
constexpr std::array weak_transforms{Weak{transform::encryption, 1, "MUST NOT"},
                                     Weak{transform::encryption, 2, "MUST NOT"},
                                     Weak{transform::encryption, 6, "MUST NOT"},
                                     Weak{transform::encryption, 7, "MUST NOT"},
                                     Weak{transform::prf, 1, "MUST NOT"},
                                     Weak{transform::integrity, 1, "MUST NOT"},
                                     Weak{transform::integrity, 3, "MUST NOT"},
                                     Weak{transform::integrity, 4, "MUST NOT"},
                                     Weak{transform::key_exchange, 1, "MUST NOT"},
                                     Weak{transform::key_exchange, 22, "MUST NOT"},
                                     Weak{transform::key_exchange, 2, "SHOULD NOT"},
                                     Weak{transform::key_exchange, 5, "SHOULD NOT"},
                                     Weak{transform::key_exchange, 23, "SHOULD NOT"},
                                     Weak{transform::key_exchange, 24, "SHOULD NOT"}};

std::string weak_in(const IkeOffer& chosen) {
  std::string out;
  for (const wire::IkeTransform& it : chosen.transforms) {
    const auto weak = std::find_if(weak_transforms.begin(), weak_transforms.end(),
                                   [&](const Weak& one) { return one.type == it.type && one.id == it.id; });
    if (weak != weak_transforms.end())
      out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", wire::swanctl_keyword(it), weak->why);
  }
  return out;
}

std::optional<IkeVerdict> weakness(const IkeSa& sa) {
  if (sa.major_version == 1) {
    IkeVerdict out = verdict(codes::ike_weak, sa, sa.first_frame, sa.first_file);
    out.what = fmt::format("{} and {} speak IKEv1, which is historic (RFC 9395)", sa.initiator.to_string(),
                           sa.responder.to_string());
    out.why =
        "What espdump says of exchanges and keys is for IKEv2; of IKEv1 it shows headers and what is in the clear.";
    out.remedy = "Move both ends to IKEv2: `version = 2` in swanctl.conf, `keyexchange=ikev2` in ipsec.conf.";
    return out;
  }
  std::string found = weak_in(sa.chosen);
  for (const IkeChild& child : sa.children)
    if (const std::string more = weak_in(child.chosen); !more.empty() && found.find(more) == std::string::npos)
      found += fmt::format("{}{} in a Child SA", found.empty() ? "" : ", ", more);
  if (found.empty()) return std::nullopt;
  IkeVerdict out = verdict(codes::ike_weak, sa, sa.first_frame, sa.first_file);
  out.what = fmt::format("in force: {}", found);
  return out;
}

// --- modes -----------------------------------------------------------------------------------------------

bool is_host_to_host(const IkeChild& child) {
  const auto host = [](const std::vector<wire::TrafficSelector>& selectors) {
    return selectors.size() == 1 && selectors.front().is_host();
  };
  return host(child.initiator_selectors) && host(child.responder_selectors);
}

// strongSwan's rules for BEET: each end must know the other for strongSwan, selectors are single hosts, and the
// responder must want it, too.
std::string why_no_beet(const IkeSa& sa, const IkeChild& child) {
  if (!is_host_to_host(child))
    return fmt::format(
        "BEET is for single hosts, but the selectors are {} and {}: strongSwan then takes tunnel mode without a word.",
        selectors_text(child.initiator_selectors), selectors_text(child.responder_selectors));
  if (!sa.initiator_is_strongswan || !sa.responder_is_strongswan)
    return fmt::format(
        "USE_BEET_MODE (40961) is a private notification, which strongSwan heeds only from peers that it knows for "
        "strongSwan by their vendor ID; {} {} none. It then takes tunnel mode without a word.",
        !sa.initiator_is_strongswan && !sa.responder_is_strongswan ? "both"
        : sa.initiator_is_strongswan                               ? sa.responder.to_string()
                                                                   : sa.initiator.to_string(),
        !sa.initiator_is_strongswan && !sa.responder_is_strongswan ? "send" : "sends");
  return "Both ends know each other for strongSwan and the selectors are hosts: the other end's configuration does "
         "not ask for BEET.";
}

std::string beet_remedy(const IkeSa& sa, const IkeChild& child) {
  if (!is_host_to_host(child))
    return "Set local_ts and remote_ts of the child (leftsubnet and rightsubnet in ipsec.conf) to single addresses "
           "(/32, "
           "/128) on both ends.";
  if (!sa.initiator_is_strongswan || !sa.responder_is_strongswan)
    return "Set `send_vendor_id = yes` in the charon section of strongswan.conf on BOTH ends (the default is no), and "
           "start the IKE SA anew.";
  return "Set `mode = beet` in the child of both ends (`type = beet` in ipsec.conf).";
}

IkeVerdict other_mode(const IkeSa& sa, const IkeChild& child) {
  IkeVerdict out = verdict(codes::mode_differs, sa, child.made_frame, child.made_file);
  const bool beet = child.asked_mode == SaMode::beet;
  out.what =
      fmt::format("{} asked for {} mode, {} mode is in force (Child SA 0x{:08x}/0x{:08x})", child.initiator.to_string(),
                  to_string(child.asked_mode), to_string(child.mode), child.responder_spi, child.initiator_spi);
  out.why = beet ? why_no_beet(sa, child)
                 : fmt::format("{} did not agree to it, so RFC 7296 section 1.3.1 makes it a tunnel.",
                               child.responder.to_string());
  out.remedy = beet ? beet_remedy(sa, child) : "";
  return out;
}

// With a virtual IP the selectors cannot be but narrowed.
bool asks_for_address(const IkeSa& sa, const IkeChild& child) {
  return child.exchange == exchange_type::ike_auth &&
         std::any_of(sa.exchanges.begin(), sa.exchanges.end(), [](const IkeExchange& exchange) {
           return exchange.request && exchange.request->contents.configuration != 0;
         });
}

IkeVerdict narrowed(const IkeSa& sa, const IkeChild& child) {
  IkeVerdict out = verdict(codes::ike_ts_narrowed, sa, child.made_frame, child.made_file);
  out.what = fmt::format("{} narrows the traffic selectors of Child SA 0x{:08x}/0x{:08x} in frame {}",
                         child.responder.to_string(), child.responder_spi, child.initiator_spi, child.made_frame);
  out.why = fmt::format(
      "{} asks for {} === {}; in force is {} === {}. What lies outside does not go through this "
      "Child SA.",
      child.initiator.to_string(), selectors_text(child.asked_initiator_selectors),
      selectors_text(child.asked_responder_selectors), selectors_text(child.initiator_selectors),
      selectors_text(child.responder_selectors));
  return out;
}

// --- lifetimes -------------------------------------------------------------------------------------------

// Both with the same identities, so that neither is for something else; without keys that cannot be known.
std::optional<IkeVerdict> beside_another(const IkeSa& sa, const IkeEvidence& evidence) {
  const IkeSa* twin = twin_of(sa, evidence.sas);
  if (twin == nullptr || !sa.initiator_id || !sa.responder_id) return std::nullopt;
  IkeVerdict out = verdict(codes::ike_weak_life, sa, sa.first_frame, sa.first_file);
  out.what = fmt::format("stands beside {} between the same peers, '{}' and '{}'", ike_sa_name(twin->number),
                         *sa.initiator_id, *sa.responder_id);
  out.why =
      "Both are established and neither replaces the other: both ends initiated at once, a reauthentication is under "
      "way, or `unique = no` is set. Each has Child SAs of its own, and packets may take either.";
  out.remedy =
      "Let one end initiate and the other wait (`start_action = none` on one of them, `auto = add` in ipsec.conf), and "
      "set `unique = replace` in swanctl.conf (`uniqueids = yes` in ipsec.conf).";
  return out;
}

std::optional<IkeVerdict> lapsed(const IkeSa& sa, const IkeEvidence& evidence) {
  const std::uint32_t lifetime = auth_lifetime(sa);
  if (lifetime == 0 || !ended_for_good(sa, evidence.sas)) return std::nullopt;
  IkeVerdict out = verdict(codes::ike_weak_life, sa, sa.last_frame, sa.first_file);
  out.what = fmt::format("deleted {} after it began, and nobody authenticated again",
                         duration(sa.last_time.nanoseconds - sa.first_time.nanoseconds));
  out.why = fmt::format(
      "{} wanted that within {} s (AUTH_LIFETIME, RFC 4478), and no other IKE SA of these peers follows: the "
      "initiator's log tells why it did not try, or could not.",
      sa.responder.to_string(), lifetime);
  out.remedy = fmt::format(
      "Have the initiator authenticate again before that: `reauth_time` below {} s in swanctl.conf (`reauth = yes` and "
      "a shorter `ikelifetime` in ipsec.conf), or a longer `reauth_time` on the responder.",
      lifetime);
  return out;
}

// Packets of the pair's two SAs that came later than what was under way at its end.
void used_after_end(const IkeSa& sa, const IkeChild& child, const IkeEvidence& evidence, std::vector<IkeVerdict>& out) {
  constexpr std::int64_t tolerance = 1'000'000'000;
  if (child.end == IkeChildEnd::none) return;
  for (const SaStatistics& ipsec : evidence.ipsec) {
    const bool forth = ipsec.spi == child.responder_spi && ipsec.destination == child.responder;
    const bool back = ipsec.spi == child.initiator_spi && ipsec.destination == child.initiator;
    const std::int64_t late = ipsec.last_time.nanoseconds - child.ended.nanoseconds;
    if ((!forth && !back) || late <= tolerance || ipsec.first_time > child.ended) continue;
    IkeVerdict& made = out.emplace_back(verdict(codes::sa_expired, sa, ipsec.last_frame, 0));
    made.what = fmt::format("{} still sends on #{} (0x{:08x}) {} after it was deleted in frame {}",
                            ipsec.source.to_string(), ipsec.number, ipsec.spi, duration(late), child.ended_frame);
  }
}

}  // namespace

std::vector<IkeVerdict> judge_state(const IkeSa& sa, const IkeEvidence& evidence) {
  std::vector<IkeVerdict> out;
  for (auto one : {nat(sa), weakness(sa), beside_another(sa, evidence), lapsed(sa, evidence)})
    if (one) out.push_back(std::move(*one));
  for (const IkeChild& child : sa.children) {
    if (child.asked_mode != child.mode) out.push_back(other_mode(sa, child));
    if (child.narrowed() && !asks_for_address(sa, child)) out.push_back(narrowed(sa, child));
    used_after_end(sa, child, evidence, out);
  }
  return out;
}

}  // namespace espdump
