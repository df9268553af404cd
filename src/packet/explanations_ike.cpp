// Of IKE and of what it agrees on.
#include "packet/explanations.hpp"

namespace espdump::explanations {
namespace {

constexpr Explanation table[] = {
    {"ike.auth-failed",
     "The peers agreed on algorithms, but one did not accept who the other says it is, or the proof of it, and the IKE "
     "SA was given up (AUTHENTICATION_FAILED). No tunnel comes up.",
     {"different pre-shared keys, or one that belongs to another identity",
      "an identity that the other end does not expect (an address where it expects a name)",
      "a certificate that is expired, not trusted, or does not name the identity",
      "EAP: wrong name or password, or no answer of the RADIUS server"},
     {{{"journalctl -u strongswan", "on the end that refused: it alone knows which of them it was"},
       {"swanctl --list-conns", "`local` and `remote`: identities and kinds of authentication on both ends"},
       {"swanctl --list-certs", "validity, issuer and names of certificates"}}},
     {"Make `id` and `auth` of `local` and `remote` mirror each other on both ends (leftid, rightid, authby).",
      "Give the secret the identities that use it (`secrets` in swanctl.conf, ipsec.secrets).",
      "Load the issuing certificate, and check the clocks of both ends."}},
    {"ike.child-failed",
     "The IKE SA is up, but a Child SA was refused: the gateways talk, and no traffic can go through.",
     {"no ESP proposal in common (NO_PROPOSAL_CHOSEN): algorithms, or a key exchange group on one end only",
      "virtual IPs: the pool is empty or not configured (INTERNAL_ADDRESS_FAILURE)",
      "the responder takes no further Child SAs (NO_ADDITIONAL_SAS)"},
     {{{"journalctl -u strongswan", "on the responder: `received proposals` beside `configured proposals`"},
       {"swanctl --list-conns", "the children and their modes on both ends"}}},
     {"One `esp_proposals` in common on both ends (`esp=` in ipsec.conf), with or without a group on both.",
      "Give espdump the responder's log as a key file: it puts both ends' proposals side by side."}},
    {"ike.half-open",
     "An IKE SA does not come up: a request of IKE_SA_INIT or IKE_AUTH stays without an answer, however often it is "
     "sent. As information: a request was answered with a cookie and its sender never came back, as forged ones do "
     "not.",
     {"UDP 500 or 4500 is dropped on the way, in one direction or both",
      "the peer does not run, or does not know the initiator's address, and is silent",
      "IKE_AUTH with certificates is larger than the path's MTU, and its IP fragments are dropped",
      "the answer goes to an address or port that a NAT has forgotten"},
     {{{"sudo tcpdump -ni any udp port 500 or udp port 4500",
        "at the other end: does the request arrive, does an "
        "answer leave?"},
       {"swanctl --log", "on the responder, while the initiator tries"},
       {"sudo ss -lunp | grep -E ':(500|4500) '", "whether a daemon listens"}}},
     {"Let UDP 500 and 4500 through in both directions, on every firewall between.",
      "Where IKE_AUTH is large: `fragmentation = yes` on both ends, so that IKE itself cuts it (RFC 7383).",
      "If the request arrives and nothing leaves, the responder's log says why."}},
    {"ike.invalid-ke",
     "The initiator guessed the wrong key exchange group in its first message, and the responder asked for another one "
     "(INVALID_KE_PAYLOAD). It costs a round trip. As an error: the initiator does not have the group asked for, and "
     "gives up.",
     {"the first group in the initiator's proposals is not the one that the responder prefers", "no group in common"},
     {{{"swanctl --list-conns", "on strongSwan; the proposals stand in swanctl.conf of both ends"},
       {"swanctl --log", "`… unacceptable, requesting …` on the responder"}}},
     {"Put the group that the responder wants first into `proposals` of the initiator (`ike=` in ipsec.conf).",
      "For the rekeying of Child SAs the groups in `esp_proposals` count."}},
    {"ike.malformed",
     "An IKE message breaks the rules of its protocol: a length that lies, a payload, proposal or selector that does "
     "not fit. Its receiver drops it or answers INVALID_SYNTAX.",
     {"someone who scans or probes", "an implementation with a bug", "a middlebox that touches UDP 500"},
     {{{"swanctl --log", "what the daemon says of it when it arrives"}}},
     {"Nothing has to be done about strangers. If it comes from the peer, compare versions, and report it to whoever "
      "makes it."}},
    {"ike.nat",
     "The addresses that the peers see are not those that were sent: there is a NAT. They move to UDP 4500 and put ESP "
     "into UDP. As a warning: they do not move, and plain ESP does not survive most NATs.",
     {"a router that translates, at home or at a provider (CGNAT)",
      "`encap = yes`, which pretends a NAT so that ESP goes in UDP",
      "as a warning: NAT traversal is off on one end, or UDP 4500 is blocked"},
     {{{"swanctl --list-sas", "`[4500]` behind the addresses, and `TUNNEL-in-UDP` of the child"},
       {"sudo ip xfrm state", "the line `encap type espinudp` of both SAs"}}},
     {"Nothing has to be done where ESP goes in UDP. Let UDP 500 and 4500 through.",
      "Keep the mapping alive: `keep_alive = 20s` in strongswan.conf, below the NAT's timeout."}},
    {"ike.no-proposal-chosen",
     "The responder accepts none of the combinations of algorithms that the initiator offers (NO_PROPOSAL_CHOSEN): no "
     "IKE SA, no tunnel.",
     {"`proposals` have no encryption, integrity, PRF and group in common",
      "an algorithm that one end's build or FIPS mode does not have",
      "the responder has no connection for these addresses at all: some answer that likewise"},
     {{{"swanctl --log", "on the responder: `received proposals` and `configured proposals` side by side"},
       {"swanctl --list-algs", "what a daemon can do"}}},
     {"One proposal in common on both ends: `proposals = aes256gcm16-prfsha384-ecp384` or what both can.",
      "Give espdump the responder's log as a key file: it puts both ends' proposals side by side."}},
    {"ike.peer-dead",
     "A peer of an established IKE SA does not answer any more. Until that is noticed, what is sent into the tunnel "
     "vanishes.",
     {"the peer restarted, or its address changed", "the way to it is cut: link, route, firewall",
      "a NAT mapping ran out, since keepalives are rarer than its timeout"},
     {{{"ping PEER", "outside the tunnel: is it there at all?"},
       {"swanctl --list-sas", "on the peer: does it still know this IKE SA?"},
       {"sudo conntrack -L -p udp | grep 4500", "on the NAT: the mapping and its timeout"}}},
     {"`dpd_delay = 30s` with `dpd_action = restart` builds the tunnel anew (dpddelay, dpdaction).",
      "`keep_alive = 20s` in strongswan.conf behind a NAT; MOBIKE where addresses change."}},
    {"ike.retransmission",
     "IKE messages had to be sent again, and were answered in the end.",
     {"loss on the way", "a peer that is slow: it waits for RADIUS, a smartcard or a busy processor",
      "fragments of large messages that are lost now and then"},
     {{{"swanctl --stats", "the length of the daemon's queues"}}},
     {"Nothing has to be done unless it is frequent. Then capture at both ends to see which message is lost."}},
    {"ike.ts-unacceptable",
     "The peers found no traffic in common that the Child SA should carry (TS_UNACCEPTABLE). As information: the "
     "responder narrowed what was asked for, and traffic outside it does not go through.",
     {"`local_ts` of one end is not `remote_ts` of the other: another mask, another network",
      "one end asks for its virtual IP, and the other expects its network",
      "several networks in one child, where the peer (many that are not strongSwan) takes one each"},
     {{{"swanctl --list-conns", "`local` and `remote` of the child on both ends"},
       {"journalctl -u strongswan", "on the responder: what it looked for, and for which child"}}},
     {"Mirror the selectors: what is local on one end is remote on the other (leftsubnet, rightsubnet).",
      "A child for each pair of networks where the peer wants it so."}},
    {"ike.weak",
     "An IKE SA or Child SA uses what RFC 8247 says not to use, or IKEv1 (historic by RFC 9395). As information: two "
     "IKE SAs stand beside each other, or one lapsed since nobody authenticated again.",
     {"proposals kept for an old peer", "as information: both ends initiate, or `unique` differs"},
     {{{"swanctl --list-sas", "algorithms and groups in use; how many IKE SAs there are with the peer"}}},
     {"Both ends to `aes256gcm16-prfsha384-ecp384` or `aes128-sha256-x25519`, and to IKEv2 (`version = 2`).",
      "Let one end initiate (`start_action`), the other wait; `unique = replace`."}},
    {"mode.differs",
     "A mode was asked for (BEET, transport) and another is in force: the responder answered without the notification, "
     "and both ends set up a tunnel. Packets are larger than planned, and BEET's addresses are not rebuilt.",
     {"`mode` is set on one end only",
      "BEET: selectors that are no single hosts, or a peer that does not know strongSwan's BEET",
      "transport: a NAT between, which many refuse"},
     {{{"swanctl --list-sas", "`TUNNEL`, `TRANSPORT` or `BEET` behind the name of the child"},
       {"sudo ip xfrm state", "`mode` of both SAs"}}},
     {"`mode` alike on both ends (`type=` in ipsec.conf); for BEET one host address each as selectors."}},
};

}  // namespace

std::span<const Explanation> ike() noexcept { return table; }

}  // namespace espdump::explanations
