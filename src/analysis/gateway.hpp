// `espdump gateway`: what left a gateway that checks ICVs and numbers, held against what came in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <espdump/finding.hpp>
#include <espdump/sa.hpp>

#include "analysis/gateway_pairs.hpp"
#include "analysis/gateway_side.hpp"

namespace espdump {

struct GatewayOptions {
  std::optional<std::uint32_t> window{};  // of the gateway; absent: each SA's own
  double allowed_loss = 0;                // the share of authentic packets that may be missing
};

// What a gateway has to make of a packet. Those behind `good` must not leave.
enum class GatewayClass : std::uint8_t {
  open,  // nobody can say
  good,  // authentic, and its number is new
  bad_icv,
  far_ahead,  // the same, with a number far ahead of the newest
  malformed,  // too short, misaligned, SPI 0
  replay,
  old_replay,  // the same, of a number left of the window
  stale,       // never seen, left of the window
  zero,        // number 0, which no sender sends
  unknown_spi,
  wrong_address,  // the SPI and the ICV are right, the destination is not
  no_integrity,   // nothing shows that they are authentic
};
inline constexpr std::size_t gateway_classes = 12;
std::string_view to_string(GatewayClass) noexcept;  // "bad-icv"

// Why a packet is neither right nor wrong.
enum class GatewayDoubt : std::uint8_t {
  no_key,         // the SA is known, its key is not
  unproven_key,   // no packet of the SA verifies
  no_sa,          // a flow that looks alive, and no SA for it
  cut,            // by the snap length
  before_window,  // older than what shows where the gateway's window stood
  outside,        // when one of the captures did not run
  silence,        // while the other capture has nothing at all
  not_captured,   // authentic on egress, its number missing on ingress
  capture_loss,   // the egress capture misses packets that it must have seen
  overlap,        // fragments that overlap, which receivers take differently
  checksum,       // authentic, but the checksum of UDP is wrong: who receives it drops it before ESP
  too_large,      // an ICMP error says so
};
inline constexpr std::size_t gateway_doubts = 12;

enum class GatewayFault : std::uint8_t {
  leaked,
  dropped,
  changed,         // bytes from SPI to ICV
  header_changed,  // what no router may change
  duplicated,
  injected,
  leaked_fragment,
  plaintext,
  ike_dropped,
  ike_changed,
};

struct GatewayViolation {
  const FindingInfo* info = nullptr;
  // Of plaintext: `out` is an index into GatewaySide::clear(), and `in` absent where no packet is known to carry it.
  RecordIndex in = no_record, out = no_record;
  GatewayFault fault = GatewayFault::leaked;
  GatewayClass of = GatewayClass::good;
  RecordIndex repeats = no_record;  // of a replay: the ingress packet that had its number first
  std::string fields{};             // of a header that changed: which fields
  FrameNumber fragment_frame = 0;   // of fragments that leaked: the first, of the egress capture
  std::uint16_t fragment_file = 0;
};

struct GatewayReordering {
  std::uint64_t packets = 0;
  std::uint64_t most_places = 0;  // how many packets overtook one
  std::int64_t most_time = 0;     // how long one that was overtaken took more than its overtaker, nanoseconds
  RecordIndex in = no_record, out = no_record;  // of the one with most places
};

struct GatewayLatency {
  std::uint64_t count = 0;
  std::int64_t least = 0, median = 0, slow = 0, most = 0;  // nanoseconds; `slow`: one in a hundred needs longer
};

// One SA of the ingress capture, or a flow without.
struct GatewaySa {
  std::uint32_t flow = 0;  // the busiest
  SaNumber number = 0;
  const SecurityAssociation* association = nullptr;
  std::uint32_t window = 0;
  std::array<std::uint64_t, gateway_classes> classes{};
  std::uint64_t packets = 0, forwarded = 0, stopped = 0, leaked = 0, dropped = 0, open = 0, verified = 0;
  GatewayReordering reordering;
  GatewayLatency latency;
};

// Good packets that did not leave, by the size of ESP.
struct GatewayLoss {
  struct Size {
    std::uint16_t least = 0, most = 0;
    std::uint64_t packets = 0, dropped = 0;
  };
  std::vector<Size> sizes;
  std::map<std::uint64_t, std::uint64_t> bursts;  // so many in a row -> how often
  std::size_t largest_passed = 0, smallest_dropped = 0;
};

struct GatewayHint {
  std::string_view name;  // "advance-before-verify"
  std::string_view rule;  // "G17"
  std::string text;
};

struct GatewayWhatIf {
  std::uint32_t window = 0;
  std::uint64_t leaked = 0, dropped = 0;
};

enum class GatewayVerdict : std::uint8_t { pass, fail, inconclusive };
std::string_view to_string(GatewayVerdict) noexcept;

struct GatewayReport {
  GatewayVerdict verdict = GatewayVerdict::inconclusive;
  std::vector<std::string> reasons;  // why it is inconclusive; with other verdicts: what nobody can say
  std::vector<std::string> notes;    // what to know of the verdict
  std::vector<GatewayViolation> violations;
  std::vector<std::string> header_notes;  // legal changes of headers
  std::array<std::uint64_t, gateway_classes> exercised{};
  std::array<std::uint64_t, gateway_doubts> doubts{};
  std::uint64_t fragmented = 0;  // ESP packets that came in fragments
  std::uint64_t esp_in = 0, esp_out = 0, backward_in = 0, backward_out = 0, ike_in = 0, ike_passed = 0;
  std::uint64_t forwarded = 0;  // good ones that left once, unchanged
  std::uint64_t stopped = 0;    // bad ones that did not leave
  std::uint64_t verified = 0;   // packets of ingress whose ICV was checked under a key that is proven
  bool swapped = false;
  std::vector<GatewaySa> sas;
  std::vector<GatewayWhatIf> what_ifs;
  GatewayLatency latency;
  GatewayReordering reordering;
  GatewayLoss loss;
  std::vector<GatewayHint> hints;
  GatewayPairs pairs;
};

// Pairs, classifies and judges. Both sides must be complete; the keystore their decoders had must be alive.
GatewayReport judge_gateway(GatewaySide& ingress, GatewaySide& egress, const GatewayOptions& options);

}  // namespace espdump
