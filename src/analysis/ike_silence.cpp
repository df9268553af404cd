// Requests without an answer: the tunnel that does not come up, the peer that is gone, and messages that were lost.
#include <fmt/core.h>

#include <algorithm>

#include "analysis/analyzers.hpp"
#include "analysis/ike_verdict.hpp"

namespace espdump {
namespace {

namespace exchange_type = wire::ike_exchange;

constexpr std::int64_t second = 1'000'000'000;
// An answer may be under way when the capture ends; strongSwan sends again after 4 seconds, Libreswan after half a one.
constexpr std::int64_t patience = 2 * second;

bool is_unanswered(const IkeExchange& exchange, const IkeEvidence& evidence) {
  if (!exchange.request || exchange.response) return false;
  const std::int64_t waited = evidence.last.nanoseconds - exchange.request->last_time.nanoseconds;
  return exchange.request->sent > 1 || waited > patience;
}

std::string tries(const IkeMessage& request) {
  if (request.sent == 1) return "sent once";
  return fmt::format("sent {} times in {}", request.sent,
                     duration(request.last_time.nanoseconds - request.time.nanoseconds));
}

bool says_anything(const IkeSa& sa, const IpAddress& host) {
  return std::any_of(sa.exchanges.begin(), sa.exchanges.end(), [&](const IkeExchange& exchange) {
    return (exchange.request && exchange.request->source == host) ||
           (exchange.response && exchange.response->source == host);
  });
}

bool speaks_elsewhere(const IkeEvidence& evidence, const IkeSa& but, const IpAddress& host) {
  return std::any_of(evidence.sas.begin(), evidence.sas.end(),
                     [&](const IkeSa* sa) { return sa->number != but.number && says_anything(*sa, host); });
}

IkeVerdict unanswered_init(const IkeSa& sa, const IkeMessage& request, const IkeEvidence& evidence) {
  IkeVerdict out = verdict_at(codes::ike_half_open, sa, request);
  const std::string responder = request.destination.to_string();
  out.what = fmt::format("{} does not answer IKE_SA_INIT ({}, {})", responder, frame_text(request), tries(request));
  out.why = speaks_elsewhere(evidence, sa, request.destination)
                ? fmt::format("It is there, for it speaks IKE elsewhere in this capture, but not to {}.",
                              request.source.to_string())
                : "Nothing from it is in this capture: it is down, has no IKE daemon, a firewall drops UDP port " +
                      std::to_string(request.destination_port) + ", or only one direction was captured.";
  out.remedy = fmt::format(
      "On {}: is the daemon running and listening (`ss -ulpn`), and does the request arrive (`tcpdump -ni any udp port "
      "500 or udp port 4500`)? If it arrives, let UDP 500 and 4500 through in its firewall; it also keeps silent "
      "towards "
      "addresses that no connection is meant for.",
      responder);
  return out;
}

// What may have happened to an IKE_AUTH request, the first message that is large or on another port.
std::string likely_cause(const IkeMessage& request, const IkeExchange* init) {
  constexpr std::size_t fits_anywhere = 1280;
  const bool moved = init != nullptr && init->request && init->request->destination_port != request.destination_port;
  const bool large = request.length > fits_anywhere && request.fragments == 0;
  if (large)
    return fmt::format(
        "It is {} bytes long, so that IP has to cut it into fragments, and fragments are what firewalls and NATs drop. "
        "IKE_SA_INIT, which is small, came through.",
        request.length);
  if (request.fragments != 0 && request.fragments_seen < request.fragments)
    return fmt::format("It goes in {} fragments (RFC 7383), of which the capture has {}.", request.fragments,
                       request.fragments_seen);
  if (moved)
    return fmt::format(
        "IKE_SA_INIT on port {} was answered; this request goes to port {}, which something on the way drops.",
        init->request->destination_port, request.destination_port);
  return "IKE_SA_INIT on the same port was answered, so the way is open: the responder dropped the request (its log "
         "tells), "
         "or its answer, larger than the first one, was lost.";
}

std::string auth_remedy(const IkeMessage& request, const IkeExchange* init) {
  constexpr std::size_t fits_anywhere = 1280;
  const bool moved = init != nullptr && init->request && init->request->destination_port != request.destination_port;
  if (request.length > fits_anywhere && request.fragments == 0)
    return "Let IKE fragment itself: `fragmentation = yes` in swanctl.conf of both ends (RFC 7383; the default of "
           "strongSwan since 5.5.1, `fragmentation=yes` in ipsec.conf), or send smaller certificates.";
  if (moved) return "Let UDP port 4500 through, both ways, in every firewall between the two.";
  return fmt::format("Look into the log of {}, and capture there: does the request arrive, does an answer leave?",
                     request.destination.to_string());
}

IkeVerdict unanswered_auth(const IkeSa& sa, const IkeExchange& exchange, const IkeExchange* init) {
  const IkeMessage& request = *exchange.request;
  IkeVerdict out = verdict_at(codes::ike_half_open, sa, request);
  out.what = fmt::format("{} does not answer {} ({}, {})", request.destination.to_string(), exchange_text(exchange),
                         frame_text(request), tries(request));
  out.why = likely_cause(request, init);
  out.remedy = auth_remedy(request, init);
  return out;
}

IkeVerdict dead_peer(const IkeSa& sa, const IkeExchange& exchange, const IkeEvidence& evidence) {
  const IkeMessage& request = *exchange.request;
  IkeVerdict out = verdict_at(codes::ike_peer_dead, sa, request);
  const IpAddress& silent = request.destination;
  out.what = fmt::format("{} does not answer {} any more ({}, {})", silent.to_string(), exchange_text(exchange),
                         frame_text(request), tries(request));
  Timestamp heard;
  const auto hear = [&](const std::optional<IkeMessage>& message) {
    if (message && message->source == silent && message->last_time > heard) heard = message->last_time;
  };
  for (const IkeExchange& earlier : sa.exchanges) {
    hear(earlier.request);
    hear(earlier.response);
  }
  for (const SaStatistics& ipsec : evidence.ipsec)
    if (ipsec.source == silent && ipsec.last_time > heard) heard = ipsec.last_time;
  if (heard.nanoseconds != 0)
    out.why = fmt::format("The last sign of life from it came {} before the first of these requests.",
                          duration(request.time.nanoseconds - heard.nanoseconds));
  if (heard > request.time)
    out.why = "It still sends other packets: its answers to this are lost, or it dropped the IKE SA.";
  return out;
}

// RFC 7296 section 2.6: answered with a cookie, and nobody came back with it.
bool is_abandoned_cookie(const IkeSa& sa) {
  if (sa.exchanges.empty() || sa.state != IkeState::half_open) return false;
  const IkeExchange& last = sa.exchanges.back();
  return last.type == exchange_type::ike_sa_init && last.response &&
         last.response->contents.notice(wire::ike_notify::cookie) != nullptr;
}

std::optional<IkeVerdict> lost_messages(const IkeSa& sa) {
  FrameList frames;
  std::uint64_t again = 0;
  const IkeMessage* first = nullptr;
  for (const IkeExchange& exchange : sa.exchanges) {
    if (!exchange.request || !exchange.response || exchange.request->sent < 2) continue;
    again += exchange.request->sent - 1;
    frames.add(exchange.request->frame, exchange.request->file);
    if (first == nullptr) first = &*exchange.request;
  }
  if (first == nullptr) return std::nullopt;
  IkeVerdict out = verdict_at(codes::ike_retransmission, sa, *first);
  out.what = fmt::format("{} sent again before an answer came, first sent in {}", count_of(again, "request"),
                         frames.to_string());
  return out;
}

}  // namespace

std::vector<IkeVerdict> judge_silence(const IkeSa& sa, const IkeEvidence& evidence) {
  std::vector<IkeVerdict> out;
  if (is_abandoned_cookie(sa)) {
    const IkeMessage& request =
        sa.exchanges.back().request ? *sa.exchanges.back().request : *sa.exchanges.back().response;
    out.push_back(verdict_at(codes::ike_half_open_cookie, sa, request));
    out.back().what = fmt::format("{} asks for a cookie, and {} does not come back", sa.responder.to_string(),
                                  sa.initiator.to_string());
  }
  const IkeExchange* init = nullptr;
  bool told_dead = false;
  for (const IkeExchange& exchange : sa.exchanges) {
    const bool is_init = exchange.type == exchange_type::ike_sa_init;
    if (is_init) init = &exchange;
    if (!is_unanswered(exchange, evidence)) continue;
    if (is_init && &exchange == &sa.exchanges.back())
      out.push_back(unanswered_init(sa, *exchange.request, evidence));
    else if (exchange.type == exchange_type::ike_auth && sa.state == IkeState::half_open)
      out.push_back(unanswered_auth(sa, exchange, init));
    else if (!is_init && sa.state != IkeState::half_open && exchange.request->sent > 1 &&
             !std::exchange(told_dead, true))
      out.push_back(dead_peer(sa, exchange, evidence));
  }
  if (auto lost = lost_messages(sa)) out.push_back(std::move(*lost));
  return out;
}

}  // namespace espdump
