// `espdump gateway --protects`: each side is decoded once, and once more where packets were altered: for their bytes.
#include <unistd.h>

#include <algorithm>
#include <unordered_map>

#include <espdump/capture.hpp>

#include "analysis/gateway_protect.hpp"
#include "report/protect_report.hpp"
#include "run/gateway_sides.hpp"

namespace espdump::run {
namespace {

constexpr std::size_t most_compared = 1024;  // altered packets whose bytes are held against each other

// The bytes of IP packets, by ProtectKeys::whole; wiped, for some were encrypted.
class KeptPackets {
 public:
  KeptPackets() = default;
  KeptPackets(const KeptPackets&) = delete;
  KeptPackets& operator=(const KeptPackets&) = delete;
  ~KeptPackets() {
    for (auto& [key, bytes] : packets_) wipe(bytes);
  }

  void want(std::uint64_t key) { packets_.try_emplace(key); }
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  [[nodiscard]] bool complete() const { return found_ == packets_.size(); }
  [[nodiscard]] Bytes operator[](std::uint64_t key) const {
    const auto found = packets_.find(key);
    return found == packets_.end() ? Bytes{} : Bytes{found->second};
  }

  void take(const ProtectPiece& piece) {
    const auto facts = ip_facts(piece.bytes);
    if (!facts || facts->cut) return;
    const auto found = packets_.find(protect_keys(*facts, piece.bytes).whole);
    if (found == packets_.end() || !found->second.empty()) return;
    found->second = with_checksum(*facts, piece.bytes);
    if (found->second.empty()) found->second.assign(piece.bytes.begin(), piece.bytes.end());
    ++found_;
  }

 private:
  std::unordered_map<std::uint64_t, std::vector<std::uint8_t>> packets_;
  std::size_t found_ = 0;
};

// Reads captures once more. What comes from a pipe is gone.
void read_again(const std::vector<std::string>& paths, const Keystore& keystore, KeptPackets& wanted) {
  if (wanted.empty() || std::find(paths.begin(), paths.end(), "-") != paths.end()) return;
  std::vector<Error> failures;
  CaptureSet captures = CaptureSet::open_readable(paths, failures);
  if (!failures.empty()) return;
  Decoder decoder{keystore, DecoderOptions{.keep_inner_packets = true, .note_nonces = false}};
  Packet packet;
  while (!wanted.complete()) {
    const std::optional<Frame> frame = captures.next();
    if (!frame) return;
    decoder.decode(*frame, packet);
    const auto take = [&](const ProtectPiece& piece) { wanted.take(piece); };
    for_each_clear(packet, take);
    for_each_opened(packet, decoder, take);
  }
}

// Says of altered packets in what they differ.
void compare(const GatewayOptions& options, const Keystore& keystore, ProtectReport& report) {
  KeptPackets plain, outer;
  std::vector<ProtectViolation*> altered;
  for (ProtectViolation& violation : report.violations) {
    if (violation.plain_key == 0 || violation.outer_key == 0 || altered.size() == most_compared) continue;
    altered.push_back(&violation);
    plain.want(violation.plain_key);
    outer.want(violation.outer_key);
  }
  read_again(paths_of(options, 0), keystore, plain);
  read_again(paths_of(options, 1), keystore, outer);
  for (ProtectViolation* violation : altered) {
    const Bytes before = plain[violation->plain_key], after = outer[violation->outer_key];
    if (before.empty() || after.empty()) continue;
    ProtectChange change = changes_between(before, after);
    if (!change.what.empty()) violation->change = std::move(change);
  }
}

TakePacket take_into(ProtectSide& side) {
  return [&](const Packet& packet, const Decoder& decoder) { side.take(packet, decoder); };
}

GatewaySpan span_of(const ProtectSide& side) {
  GatewaySpan out{side.frames(), 0, 0};
  for (const ProtectSpan& one : side.spans()) {
    if (!one.used) continue;
    out.first = out.first == 0 ? one.first : std::min(out.first, one.first);
    out.last = std::max(out.last, one.last);
  }
  return out;
}

}  // namespace

Outcome judge_protection(const GatewayOptions& options, const Keystore& keystore, Outcome outcome) {
  ProtectSide plain{true}, outer{false};
  Decoder in{keystore}, out{keystore};  // SAs that IKE made known live in them
  const bool has_plain = read_side(paths_of(options, 0), take_into(plain), outcome, in);
  const bool has_outer = read_side(paths_of(options, 1), take_into(outer), outcome, out);
  if (outcome.unusable_input || !has_plain || !has_outer) return outcome;
  ProtectReport report = espdump::judge_protection(plain, outer, keystore);
  compare(options, keystore, report);
  const ProtectView view{report,
                         files_of(options),
                         {options.program, span_of(plain), span_of(outer)},
                         outcome.damaged_input,
                         options.verbose};
  print(
      options, outcome, [&] { return protect_text(view); }, [&](Output& out) { protect_json(view, out); });
  return concluded(report.verdict, outcome);
}

}  // namespace espdump::run
