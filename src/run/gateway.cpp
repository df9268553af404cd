// Each side is decoded once; what is kept of a packet is a record. The few frames whose bytes matter are read again.
#include "run/gateway.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <unordered_map>
#include <utility>

#include <espdump/capture.hpp>
#include <espdump/decoder.hpp>
#include <espdump/keystore.hpp>

#include "analysis/gateway.hpp"
#include "decode/ip_layer.hpp"
#include "report/gateway_report.hpp"
#include "run/gateway_sides.hpp"
#include "run/load_keys.hpp"
#include "run/terminal.hpp"

namespace espdump::run {
namespace {

constexpr std::size_t most_compared = 1024;  // changed packets whose bytes are held against each other

// The bytes of ESP packets, by their hash.
using KeptBytes = std::unordered_map<std::uint64_t, std::vector<std::uint8_t>>;

// Reads captures once more, without keys. What comes from a pipe is gone.
void read_again(const std::vector<std::string>& paths, KeptBytes& wanted) {
  if (wanted.empty() || std::find(paths.begin(), paths.end(), "-") != paths.end()) return;
  std::vector<Error> failures;
  CaptureSet captures = CaptureSet::open_readable(paths, failures);
  if (!failures.empty()) return;
  Keystore none;
  none.seal();
  Decoder decoder{none};
  Packet packet;
  std::size_t missing = wanted.size();
  while (missing != 0) {
    const std::optional<Frame> frame = captures.next();
    if (!frame) return;
    decoder.decode(*frame, packet);
    for (const OpenRecord& record : packet.ipsec()) {
      const auto found = wanted.find(record.digest);
      if (found == wanted.end() || !found->second.empty()) continue;
      const Bytes bytes = whole_layer(packet, packet.layers()[record.layer]);
      found->second.assign(bytes.begin(), bytes.end());
      --missing;
    }
  }
}

// Which bytes of changed packets changed.
std::map<std::size_t, std::string> compare(const GatewayOptions& options, const GatewaySide& ingress,
                                           const GatewaySide& egress, const GatewayReport& report) {
  std::map<std::size_t, std::string> out;
  std::vector<std::size_t> changed;
  KeptBytes ins, outs;
  for (std::size_t i = 0; i < report.violations.size() && changed.size() < most_compared; ++i) {
    const GatewayViolation& violation = report.violations[i];
    if (violation.fault != GatewayFault::changed) continue;
    changed.push_back(i);
    ins.try_emplace(ingress.records()[violation.in].digest);
    outs.try_emplace(egress.records()[violation.out].digest);
  }
  read_again(paths_of(options, 0), ins);
  read_again(paths_of(options, 1), outs);
  for (const std::size_t i : changed) {
    const GatewayViolation& violation = report.violations[i];
    const auto& one = ins[ingress.records()[violation.in].digest];
    const auto& other = outs[egress.records()[violation.out].digest];
    if (one.empty() || other.empty()) continue;
    out.emplace(i, difference_text(one, other, ingress.flow_of(violation.in).association));
  }
  return out;
}

TakePacket take_into(GatewaySide& side) {
  return [&](const Packet& packet, const Decoder& decoder) { side.take(packet, decoder); };
}

GatewaySpan span_of(const GatewaySide& side) { return {side.frames(), side.first(), side.last()}; }

std::optional<std::uint32_t> window_of(const GatewayOptions& options) {
  if (options.window.empty()) return std::nullopt;
  return static_cast<std::uint32_t>(std::strtoul(options.window.c_str(), nullptr, 10));
}

}  // namespace

Outcome judge_gateway(const GatewayOptions& options) {
  Outcome outcome;
  confine_gateway(options);
  const Keystore keystore = std::move(load_keys(options.keys, options.policies, options.verbose, outcome).keystore);
  if (outcome.unusable_input) return outcome;
  if (options.protects) return judge_protection(options, keystore, outcome);
  GatewaySide ingress{true}, egress{true};
  Decoder in{keystore}, out{keystore};  // SAs that IKE made known live in them
  const bool has_ingress = read_side(paths_of(options, 0), take_into(ingress), outcome, in);
  const bool has_egress = read_side(paths_of(options, 1), take_into(egress), outcome, out);
  if (outcome.unusable_input || !has_ingress || !has_egress) return outcome;
  const bool truncated = outcome.damaged_input;
  const GatewayReport report = espdump::judge_gateway(ingress, egress, {window_of(options), options.allow_loss / 100});
  const GatewayView view{ingress,
                         egress,
                         report,
                         files_of(options),
                         {options.program, span_of(ingress), span_of(egress)},
                         compare(options, ingress, egress, report),
                         window_of(options),
                         truncated,
                         options.verbose,
                         table_width(STDOUT_FILENO)};
  print(
      options, outcome, [&] { return gateway_text(view); }, [&](Output& out) { gateway_json(view, out); });
  return concluded(report.verdict, outcome);
}

}  // namespace espdump::run
