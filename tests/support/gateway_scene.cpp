// Two captures built packet by packet, and questions to what is said of them.
#include "support/gateway_scene.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

#include "report/gateway_report.hpp"

namespace espdump::test {
namespace {

bool holds(const std::vector<std::string>& texts, std::string_view part) {
  return std::any_of(texts.begin(), texts.end(),
                     [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

}  // namespace

Keystore keystore_from(const std::string& keys) {
  Keystore store;
  const auto report =
      store.import_text("keys.txt", Bytes{reinterpret_cast<const std::uint8_t*>(keys.data()), keys.size()});
  if (!report) throw std::runtime_error(report.error().to_string());
  store.seal();
  return store;
}

std::string dump_of(const std::vector<SaText>& sas) {
  std::string out;
  for (const SaText& sa : sas) out += dump_text(sa);
  return out;
}

std::set<std::string> codes_of(const GatewayReport& report) {
  std::set<std::string> out;
  for (const GatewayViolation& it : report.violations) out.emplace(it.info->code);
  return out;
}

FrameNumbers frames_of_code(const Judged& judged, const FindingInfo& info) {
  FrameNumbers out;
  for (const GatewayViolation& it : judged.report.violations)
    if (it.info == &info && it.in != no_record) out.push_back(judged.ingress.records()[it.in].frame);
  std::sort(out.begin(), out.end());
  return out;
}

FrameNumbers egress_frames_of_code(const Judged& judged, const FindingInfo& info) {
  FrameNumbers out;
  for (const GatewayViolation& it : judged.report.violations)
    if (it.info == &info && it.out != no_record && it.fault != GatewayFault::plaintext)
      out.push_back(judged.egress.records()[it.out].frame);
  std::sort(out.begin(), out.end());
  return out;
}

bool hints(const GatewayReport& report, std::string_view name) {
  return std::any_of(report.hints.begin(), report.hints.end(), [&](const GatewayHint& it) { return it.name == name; });
}

bool notes(const GatewayReport& report, std::string_view part) { return holds(report.header_notes, part); }
bool reasons(const GatewayReport& report, std::string_view part) { return holds(report.reasons, part); }

std::uint64_t exercised(const GatewayReport& report, GatewayClass is) {
  return report.exercised[static_cast<std::size_t>(is)];
}
std::uint64_t doubted(const GatewayReport& report, GatewayDoubt why) {
  return report.doubts[static_cast<std::size_t>(why)];
}

std::string described(const Judged& judged) {
  const GatewayView view{judged.ingress, judged.egress, judged.report, {}, {}, {}, {}, false, true};
  return gateway_text(view);
}

std::uint64_t Passage::in(Octets frame) {
  in_.push_back({std::move(frame), time_ += gap});
  return in_.size();
}

std::uint64_t Passage::out(Octets frame) {
  out_.push_back({std::move(frame), time_ + latency});
  return out_.size();
}

std::uint64_t Passage::through(const Octets& frame) {
  const std::uint64_t number = in(frame);
  out(routed(frame));
  return number;
}

void Passage::back_as(const Octets& far, const Octets& near) {
  back_alone(far);
  in_.push_back({near, time_ + latency});
}

void Passage::back_alone(const Octets& far) { out_.push_back({far, time_ += gap}); }

Wire Passage::egress_by(std::int64_t shift, double drift) const { return moved(sorted(out_), shift, drift); }

Judged Passage::judged(const Keystore& keystore, const GatewayOptions& options) const {
  return judge(keystore, sorted(in_), sorted(out_), options);
}

Wire sorted(Wire wire) {
  std::stable_sort(wire.begin(), wire.end(), [](const TimedFrame& a, const TimedFrame& b) { return a.time < b.time; });
  return wire;
}

Wire moved(Wire wire, std::int64_t shift, double drift) {
  if (wire.empty()) return wire;
  const std::int64_t begin = wire.front().time;
  for (TimedFrame& frame : wire)
    frame.time += shift + static_cast<std::int64_t>(drift * static_cast<double>(frame.time - begin));
  return wire;
}

Wire cut(Wire wire, std::size_t length) {
  for (TimedFrame& frame : wire) {
    frame.claimed = frame.bytes.size();
    frame.bytes.resize(std::min(frame.bytes.size(), length));
  }
  return wire;
}

Wire with_loss(const Wire& wire, double share, std::uint32_t seed) {
  std::mt19937 random{seed};
  Wire out;
  for (const TimedFrame& frame : wire)
    if (static_cast<double>(random()) >= share * 4294967296.0) out.push_back(frame);
  return out;
}

}  // namespace espdump::test
