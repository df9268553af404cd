// The table of finding codes: severity, when, remedy. The contract behind it is docs/findings.md.
#include <espdump/codes.hpp>

#include <array>

namespace espdump::codes {

constexpr FindingInfo icv_bad{
    "icv.bad", Severity::error, "the ICV of a packet does not verify under its SA",
    "Compare the keys and the truncation length of both ends; if other packets of the SA verify, look for what alters "
    "packets between sender and capture point."};
constexpr FindingInfo replay_duplicate{
    "replay.duplicate", Severity::error, "an authentic packet repeats a sequence number that was seen before",
    "Find out who sends the copy: an attacker, a tap or mirror that leaks back, a bonding or bridging loop. The "
    "receiver drops it and counts it under `replay` or `replay-window` in `ip -s xfrm state`."};
constexpr FindingInfo replay_stale{
    "replay.stale", Severity::error, "an authentic packet with a number never seen lies left of the replay window",
    "Widen the replay window (swanctl.conf: replay_window; `ip xfrm state … replay-window N`), or stop what reorders "
    "the SA's packets: several paths, or QoS by the copied DSCP."};
constexpr FindingInfo seq_lost{"seq.lost", Severity::warning, "sequence numbers of an SA were never seen",
                               "Capture at the sender too: what is missing there was dropped before the wire (queue, "
                               "policy), the rest was lost on "
                               "the way or by the capture itself."};
constexpr FindingInfo seq_reordered{"seq.reordered", Severity::info,
                                    "packets arrive out of order, but inside the replay window",
                                    "Nothing to do while the distance stays below the replay window."};
constexpr FindingInfo seq_restart{
    "seq.restart", Severity::warning, "the sender's counter went back to the start under the same key",
    "Rekey, and never load the same keys twice: with AES-GCM, CTR, CCM or ChaCha20 a restart repeats nonces."};
constexpr FindingInfo seq_exhausting{
    "seq.exhausting", Severity::warning, "a 32-bit sequence counter is close to its end, or came round",
    "Rekey by packets or bytes before the end (swanctl.conf: life_packets, rekey_packets), or use extended sequence "
    "numbers (esn in esp_proposals; `flag esn` of `ip xfrm`): at the end Linux stops sending and counts "
    "XfrmOutStateSeqError."};
constexpr FindingInfo nonce_reuse{
    "nonce.reuse", Severity::error, "one key and IV encrypt two different packets in a counter mode",
    "Replace the key at once and treat what it protected as readable: the packets XORed give their plaintexts XORed, "
    "and "
    "with AES-GCM forging becomes possible. Never load the same keys twice, never restore a host that holds live SAs "
    "from a snapshot, and give each direction its own key."};
constexpr FindingInfo esp_unknown_spi{
    "esp.unknown-spi", Severity::warning, "no SA is loaded for a packet's destination, protocol and SPI",
    "Take the keys while the SA lives: `sudo ip xfrm state > xfrm.txt` on either end."};
constexpr FindingInfo esp_malformed{
    "esp.malformed", Severity::error,
    "an ESP packet is too short, misaligned, or holds a trailer that cannot be; or an AH "
    "header is not as long as its SA's",
    "Check that the SA's algorithms are those in use; otherwise the sender or a middlebox breaks packets."};
constexpr FindingInfo esp_truncated_capture{
    "esp.truncated-capture", Severity::info,
    "the snap length cut an ESP or AH packet, so that its ICV cannot be checked",
    "Capture whole packets: `tcpdump -s 0`."};
constexpr FindingInfo ike_malformed{
    "ike.malformed", Severity::warning,
    "an IKE message breaks the rules of its protocol: a length that lies, a payload or proposal that does not fit",
    "Look into the receiver's log: it drops such messages, or answers INVALID_SYNTAX. If they come from the peer and "
    "not "
    "from someone who probes, hold its version and options against yours."};
constexpr FindingInfo selector_mismatch{
    "selector.mismatch", Severity::warning, "an inner packet lies outside the selector of its SA",
    "Make the traffic selectors of both ends equal (swanctl.conf: local_ts, remote_ts). Linux drops such packets after "
    "decryption and counts XfrmInStateMismatch."};
constexpr FindingInfo sa_one_way{
    "sa.one-way", Severity::warning, "one SA of a pair carries traffic and the other none",
    "Look for a firewall or route that stops the other direction, or for an end that drops what it receives "
    "(`ip -s xfrm state`, /proc/net/xfrm_stat there)."};
constexpr FindingInfo sa_shared_spi{
    "sa.shared-spi", Severity::info, "the same SPI serves both directions",
    "Harmless with hand-made SAs whose keys differ; with equal keys and a counter mode cipher it repeats nonces."};
constexpr FindingInfo sa_expired{
    "sa.expired", Severity::warning, "packets on an SA after it was deleted or replaced",
    "The sender kept an SA that the receiver had given up: compare the lifetimes of both ends, and look for a lost "
    "DELETE. The receiver drops them and counts XfrmInNoStates."};
constexpr FindingInfo key_wrong_encryption{
    "key.wrong-encryption", Severity::warning,
    "the ICV of an SA's packets verifies, but what its cipher yields is no packet",
    "Load the encryption key that is in use: a dump made with `ecb(cipher_null)` in place of a withheld key verifies, "
    "but "
    "cannot decrypt."};
constexpr FindingInfo key_weak{"key.weak", Severity::warning, "a key follows a pattern or is too short",
                               "Make keys with `openssl rand -hex 32`, or let an IKE daemon make them."};
constexpr FindingInfo key_shared{
    "key.shared", Severity::warning, "one key serves several SAs",
    "Give each SA and direction its own key: with counter modes equal IVs then expose plaintext, and with every mode a "
    "packet of one SA can pass in another."};
constexpr FindingInfo algorithm_deprecated{
    "algorithm.deprecated", Severity::warning, "an algorithm that RFC 8221 or RFC 9395 says not to use",
    "Use aes256gcm16 or chacha20poly1305 (swanctl.conf: esp_proposals), or aes256-sha256."};
constexpr FindingInfo capture_truncated{
    "capture.truncated", Severity::info, "frames or the file itself are cut short",
    "Capture whole packets (`tcpdump -s 0`), and stop tcpdump with Ctrl-C so that it finishes its file."};
constexpr FindingInfo capture_duplicate{"capture.duplicate", Severity::info,
                                        "the same packet was captured more than once",
                                        "Nothing to do; capture on one interface to avoid it."};
constexpr FindingInfo limit_reached{
    "limit.reached", Severity::info, "the capture has more of something than is kept apart",
    "Look at parts of the capture: by time (`editcap -A`, `-B`), or by host (`tcpdump -r FILE -w PART host ADDRESS`)."};
constexpr FindingInfo packet_malformed{"packet.malformed", Severity::info,
                                       "a header's length or fields break the rules of its protocol",
                                       "Nothing to do unless it is frequent: the receiver's stack drops such packets."};

constexpr FindingInfo ike_no_proposal_chosen{
    "ike.no-proposal-chosen", Severity::error, "an IKE SA was refused: the peers have no common proposal",
    "Give both ends one proposal in common: `proposals` of the connection in swanctl.conf (`ike=` in ipsec.conf)."};
constexpr FindingInfo ike_child_failed{
    "ike.child-failed", Severity::error, "a Child SA was refused while its IKE SA stays",
    "Give both ends one proposal in common: `esp_proposals` of the child in swanctl.conf (`esp=` in ipsec.conf)."};
constexpr FindingInfo ike_ts_unacceptable{
    "ike.ts-unacceptable", Severity::error, "a Child SA was refused for its traffic selectors",
    "Make `local_ts` of each end overlap `remote_ts` of the other (leftsubnet and rightsubnet in ipsec.conf)."};
constexpr FindingInfo ike_ts_narrowed{
    "ike.ts-unacceptable", Severity::info, "the responder narrowed the traffic selectors of a Child SA",
    "Nothing to do if that is meant. Else widen `local_ts` and `remote_ts` of the responder's child (leftsubnet and "
    "rightsubnet in ipsec.conf)."};
constexpr FindingInfo ike_auth_failed{
    "ike.auth-failed", Severity::error, "an IKE SA was refused: one end does not accept the other's identity or proof",
    "Compare the secrets, the identities (`id` in local and remote of swanctl.conf; ipsec.secrets, leftid and "
    "rightid) and the certificates of both ends; "
    "the log of the end that refused says which of them it was."};
constexpr FindingInfo ike_invalid_ke{
    "ike.invalid-ke", Severity::info, "the initiator guessed another key exchange group than the responder wants",
    "Nothing to do: it costs a round trip. Put the group that the peer wants first in `proposals` (`ike=` in "
    "ipsec.conf) to save it."};
constexpr FindingInfo ike_invalid_ke_unresolved{
    "ike.invalid-ke", Severity::error, "the responder wants another key exchange group, and does not get it",
    "Put the group that the responder asks for into `proposals` or `esp_proposals` of the initiator (`ike=`, `esp=` in "
    "ipsec.conf)."};
constexpr FindingInfo ike_peer_dead{
    "ike.peer-dead", Severity::error, "a peer of an established IKE SA does not answer any more",
    "Find out whether the peer is gone (restart, address change) or the way to it: is UDP 500 and 4500 let through in "
    "both directions, and for longer than a NAT mapping lives? `dpd_delay` in swanctl.conf, with `dpd_action = "
    "restart` (dpddelay, dpdaction in ipsec.conf), rebuilds the tunnel."};
constexpr FindingInfo ike_half_open{
    "ike.half-open", Severity::error, "an IKE SA does not come up: a request of its first exchanges stays unanswered",
    "Capture at the other end, too: does the request arrive there, and does an answer leave?"};
constexpr FindingInfo ike_half_open_cookie{"ike.half-open", Severity::info,
                                           "IKE_SA_INIT requests were answered with a cookie and not repeated",
                                           "Nothing to do: cookies exist for this (RFC 7296 section 2.6). The sources "
                                           "may be forged; real initiators come back."};
constexpr FindingInfo ike_retransmission{
    "ike.retransmission", Severity::info, "IKE messages were sent more than once and answered in the end",
    "Nothing to do unless it happens often: then messages are lost, or the peer is slow to answer."};
constexpr FindingInfo ike_nat{
    "ike.nat", Severity::info, "the NAT detection of IKE shows a NAT between the peers",
    "Nothing to do: ESP goes in UDP (port 4500). Let UDP 500 and 4500 through, and keep the mapping alive "
    "(`keep_alive` in strongswan.conf)."};
constexpr FindingInfo ike_nat_ignored{
    "ike.nat", Severity::warning, "there is a NAT between the peers, but they do not move to UDP port 4500",
    "Let UDP 4500 through in both directions, and check that neither end forbids NAT traversal: plain ESP does not "
    "survive most NATs."};
constexpr FindingInfo ike_weak{
    "ike.weak", Severity::warning, "an IKE SA or Child SA uses an algorithm or group that RFC 8247 says not to use",
    "Move both ends to stronger proposals, for example `aes256gcm16-prfsha384-ecp384` or `aes128-sha256-x25519`."};
constexpr FindingInfo ike_weak_life{"ike.weak", Severity::info,
                                    "an IKE SA stands beside another one, or lapsed for want of authentication",
                                    "Compare `reauth_time`, `unique` and `start_action` in swanctl.conf of both ends "
                                    "(`ikelifetime`, `uniqueids`, `auto` in ipsec.conf)."};
constexpr FindingInfo mode_differs{"mode.differs", Severity::warning,
                                   "the mode asked for (BEET, transport) is not the mode in force",
                                   "Compare `mode` of the child in swanctl.conf (`type=` in ipsec.conf) on both ends; "
                                   "`swanctl --list-sas` shows the mode in force."};

constexpr FindingInfo gateway_leaked_bad_icv{
    "gateway.leaked-bad-icv", Severity::error, "a packet that is not authentic went through the gateway",
    "The gateway must recompute the ICV of every packet and drop it where that differs (RFC 4303 section 3.4.4): look "
    "at what it does under load, with fragments, and while keys change."};
constexpr FindingInfo gateway_leaked_replay{
    "gateway.leaked-replay", Severity::error, "a repeated packet, or one left of the window, went through the gateway",
    "The gateway must keep a window of numbers for each SA and check it before and after the ICV (RFC 4303 section "
    "3.4.3)."};
constexpr FindingInfo gateway_leaked_unknown{
    "gateway.leaked-unknown", Severity::error,
    "a packet that the gateway could not verify went through it: of an SPI that no SA has, or without integrity",
    "The gateway must drop what it has no SA for, and refuse SAs without integrity. If the SPI is one of yours, take "
    "the keys again: `sudo ip xfrm state > xfrm.txt`."};
constexpr FindingInfo gateway_leaked_plaintext{
    "gateway.leaked-plaintext", Severity::error, "what ESP protects left in the clear, too",
    "Make sure that nothing but ESP and IKE may leave on that side (a policy of `block`, a firewall rule). A capture "
    "taken on the host that decrypts shows its own decrypted packets: take it on the wire."};
constexpr FindingInfo gateway_dropped_valid{
    "gateway.dropped-valid", Severity::error, "an authentic packet with a new number did not leave the gateway",
    "Compare the gateway's counters of drops with the number here; look at queues, MTU, and when it learns new SAs."};
constexpr FindingInfo gateway_modified{"gateway.modified", Severity::error,
                                       "a packet left the gateway changed in what must not change",
                                       "From SPI to ICV nothing may change, and of the headers only what routers "
                                       "change: TTL, checksum, DSCP by policy, CE "
                                       "of ECN."};
constexpr FindingInfo gateway_duplicated{
    "gateway.duplicated", Severity::error, "a packet came in once and left the gateway more than once",
    "Look for bridging or bonding loops, and for a gateway that sends again from a queue."};
constexpr FindingInfo gateway_injected{
    "gateway.injected", Severity::error, "an ESP packet left the gateway that never came in",
    "If its ICV is bad, it was forged or altered beyond recognition; if it verifies, something behind the ingress "
    "capture holds the keys."};
constexpr FindingInfo gateway_reordered{
    "gateway.reordered", Severity::info, "packets left the gateway in another order than they came",
    "Nothing to do while the distance stays far below the receiver's replay window."};
constexpr FindingInfo mss_clamped{"mss.clamped", Severity::info,
                                  "the MSS was rewritten along the way, or both sides disagree",
                                  "Nothing to do where that is meant. A clamp in one direction protects only the "
                                  "segments that come back: set it for both (`espdump mtu` prints the lines)."};
constexpr FindingInfo mss_too_large{"mss.too-large", Severity::warning,
                                    "the MSS of an inner SYN or SYN/ACK does not fit through the SA at the path MTU",
                                    "Clamp the MSS on the gateways, in both directions: `espdump mtu` tells to what."};
constexpr FindingInfo mtu_blackhole{"mtu.blackhole", Severity::error,
                                    "full-size segments vanish inside a tunnel while smaller ones get through",
                                    "Clamp the MSS and set the MTU of the tunnel (`espdump mtu` tells to what), and "
                                    "let ICMP \"fragmentation needed\" and "
                                    "\"packet too big\" reach the gateway."};
constexpr FindingInfo mtu_exceeded{"mtu.exceeded", Severity::warning,
                                   "a router has no room for a tunnel packet, and says so by ICMP",
                                   "Let the gateway learn it: ICMP \"fragmentation needed\" and \"packet too big\" "
                                   "must reach it. Or set the MTU of the "
                                   "tunnel and clamp the MSS; `espdump mtu` tells to what."};
constexpr FindingInfo mtu_outer_fragments{
    "mtu.outer-fragments", Severity::warning, "ESP packets are cut into IP fragments on the outside",
    "Set the MTU of the tunnel and clamp the MSS, so that packets go in one piece; `espdump mtu` tells to what. "
    "Fragments are slow, and many firewalls drop them."};

std::span<const FindingInfo* const> all() noexcept {
  static constexpr std::array table{&algorithm_deprecated,
                                    &capture_duplicate,
                                    &capture_truncated,
                                    &esp_malformed,
                                    &esp_truncated_capture,
                                    &esp_unknown_spi,
                                    &gateway_dropped_valid,
                                    &gateway_duplicated,
                                    &gateway_injected,
                                    &gateway_leaked_bad_icv,
                                    &gateway_leaked_plaintext,
                                    &gateway_leaked_replay,
                                    &gateway_leaked_unknown,
                                    &gateway_modified,
                                    &gateway_reordered,
                                    &icv_bad,
                                    &ike_auth_failed,
                                    &ike_child_failed,
                                    &ike_half_open,
                                    &ike_invalid_ke,
                                    &ike_malformed,
                                    &ike_nat,
                                    &ike_no_proposal_chosen,
                                    &ike_peer_dead,
                                    &ike_retransmission,
                                    &ike_ts_unacceptable,
                                    &ike_weak,
                                    &key_shared,
                                    &key_weak,
                                    &key_wrong_encryption,
                                    &limit_reached,
                                    &mode_differs,
                                    &mss_clamped,
                                    &mss_too_large,
                                    &mtu_blackhole,
                                    &mtu_exceeded,
                                    &mtu_outer_fragments,
                                    &nonce_reuse,
                                    &packet_malformed,
                                    &replay_duplicate,
                                    &replay_stale,
                                    &sa_expired,
                                    &sa_one_way,
                                    &sa_shared_spi,
                                    &selector_mismatch,
                                    &seq_exhausting,
                                    &seq_lost,
                                    &seq_reordered,
                                    &seq_restart};
  return table;
}

}  // namespace espdump::codes
