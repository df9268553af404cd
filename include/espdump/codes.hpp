// The constants of all finding codes. The table behind them is src/packet/codes.cpp.
#pragma once

#include <span>

#include <espdump/finding.hpp>

namespace espdump::codes {

extern const FindingInfo icv_bad;
extern const FindingInfo replay_duplicate;
extern const FindingInfo replay_stale;
extern const FindingInfo seq_lost;
extern const FindingInfo seq_reordered;
extern const FindingInfo seq_restart;
extern const FindingInfo seq_exhausting;
extern const FindingInfo nonce_reuse;
extern const FindingInfo esp_unknown_spi;
extern const FindingInfo esp_malformed;
extern const FindingInfo esp_truncated_capture;
extern const FindingInfo ike_malformed;
extern const FindingInfo selector_mismatch;
extern const FindingInfo sa_one_way;
extern const FindingInfo sa_shared_spi;
extern const FindingInfo sa_expired;
extern const FindingInfo key_wrong_encryption;
extern const FindingInfo key_weak;
extern const FindingInfo key_shared;
extern const FindingInfo algorithm_deprecated;
extern const FindingInfo ike_no_proposal_chosen;
extern const FindingInfo ike_child_failed;
extern const FindingInfo ike_ts_unacceptable;
extern const FindingInfo ike_ts_narrowed;  // the same code, lighter
extern const FindingInfo ike_auth_failed;
extern const FindingInfo ike_invalid_ke;
extern const FindingInfo ike_invalid_ke_unresolved;  // the same code, heavier
extern const FindingInfo ike_peer_dead;
extern const FindingInfo ike_half_open;
extern const FindingInfo ike_half_open_cookie;  // the same code, lighter
extern const FindingInfo ike_retransmission;
extern const FindingInfo ike_nat;
extern const FindingInfo ike_nat_ignored;  // the same code, heavier
extern const FindingInfo ike_weak;
extern const FindingInfo ike_weak_life;  // the same code, lighter
extern const FindingInfo mode_differs;
extern const FindingInfo gateway_dropped_valid;
extern const FindingInfo gateway_duplicated;
extern const FindingInfo gateway_injected;
extern const FindingInfo gateway_leaked_bad_icv;
extern const FindingInfo gateway_leaked_plaintext;
extern const FindingInfo gateway_leaked_replay;
extern const FindingInfo gateway_leaked_unknown;
extern const FindingInfo gateway_modified;
extern const FindingInfo gateway_reordered;
extern const FindingInfo limit_reached;
extern const FindingInfo mss_clamped;
extern const FindingInfo mss_too_large;
extern const FindingInfo mtu_blackhole;
extern const FindingInfo mtu_exceeded;
extern const FindingInfo mtu_outer_fragments;
extern const FindingInfo capture_truncated;
extern const FindingInfo capture_duplicate;
extern const FindingInfo packet_malformed;

// Every code this version can raise, ordered by name.
std::span<const FindingInfo* const> all() noexcept;

}  // namespace espdump::codes
