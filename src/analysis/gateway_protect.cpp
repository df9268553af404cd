// Packets in the clear and packets out of ESP are the same where all but TTL, DSCP, ECN and checksum is the same.
#include "analysis/gateway_protect.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include <espdump/codes.hpp>

#include "analysis/traffic.hpp"

namespace espdump {
namespace {

constexpr std::int64_t second = 1'000'000'000;

bool is_everything(const Selector& selector) {
  return selector.source.length == 0 && selector.destination.length == 0 && selector.protocol == 0;
}

// Where a packet of the protected side was met on the other.
struct Met {
  std::vector<RecordIndex> esp, clear;
  std::size_t plain = 0;  // how often it was met on the protected side
};

class Protection {
 public:
  Protection(const GatewaySide& plain, const GatewaySide& outer, const Keystore& keystore)
      : plain_(plain), outer_(outer), keystore_(keystore) {}

  ProtectReport run() {
    index();
    estimate_clock();
    for (std::size_t i = 0; i < plain_.clear().size(); ++i) judge(i);
    judge_outer();
    conclude();
    return std::move(report_);
  }

 private:
  void index() {
    for (RecordIndex i = 0; i < outer_.records().size(); ++i) {
      const GatewayRecord& record = outer_.records()[i];
      if (record.ike || record.icv == GatewayIcv::pending) continue;
      ++report_.esp;
      if (record.inner == 0) continue;
      ++report_.opened;
      met_[record.inner].esp.push_back(i);
    }
    for (RecordIndex i = 0; i < outer_.clear().size(); ++i) met_[outer_.clear()[i].digest].clear.push_back(i);
    for (const ClearPacket& packet : plain_.clear()) {
      const auto found = met_.find(packet.digest);
      if (found != met_.end()) ++found->second.plain;
      if (found == met_.end() || found->second.esp.empty()) continue;
      encrypted_hosts_.insert(packet.hosts);
      differences_.push_back(outer_.records()[found->second.esp.front()].time - packet.time);
    }
  }

  // Clocks of one host agree to far less than a second.
  void estimate_clock() {
    if (differences_.empty()) return;
    const auto middle = differences_.begin() + static_cast<std::ptrdiff_t>(differences_.size() / 2);
    std::nth_element(differences_.begin(), middle, differences_.end());
    if (*middle < -second || *middle > second) report_.offset = *middle;
  }

  // An SA or a policy is for these hosts, or other packets of theirs were encrypted.
  [[nodiscard]] bool is_ours(std::uint32_t hosts) {
    if (encrypted_hosts_.count(hosts) != 0) return true;
    const auto [known, is_new] = ours_.try_emplace(hosts, false);
    if (is_new) known->second = is_selected(plain_.hosts()[hosts]);
    return known->second;
  }

  [[nodiscard]] bool is_selected(const ClearHosts& hosts) const {
    const Traffic traffic{hosts.source, hosts.destination, hosts.protocol, {}, {}, false};
    const auto selects = [&](const Selector& selector) {
      return !is_everything(selector) && covers(selector, traffic);
    };
    const auto all = keystore_.associations();
    return std::any_of(all.begin(), all.end(), [&](const SecurityAssociation& sa) {
      return (sa.selector && selects(*sa.selector)) || std::any_of(sa.policies.begin(), sa.policies.end(), selects);
    });
  }

  void judge(std::size_t index) {
    const ClearPacket& packet = plain_.clear()[index];
    ++report_.plain;
    const auto found = met_.find(packet.digest);
    const bool esp = found != met_.end() && !found->second.esp.empty();
    if (!esp && !is_ours(packet.hosts)) {
      ++report_.not_ours;
      return;
    }
    if (esp) ++report_.encrypted;
    if (found != met_.end() && !found->second.clear.empty()) {
      const ClearPacket& clear = outer_.clear()[found->second.clear.front()];
      add(ProtectViolation::Kind::leaked, codes::gateway_leaked_plaintext, packet, clear.frame, clear.file, 0);
      leaked_.insert(packet.digest);
      return;
    }
    if (!esp) return judge_missing(packet);
    judge_copies(packet, found->second);
  }

  void judge_missing(const ClearPacket& packet) {
    const std::int64_t there = packet.time + report_.offset;
    if (outer_.frames() == 0 || there < outer_.first() || there + second > outer_.last()) {
      ++report_.not_judged;
      return;
    }
    add(ProtectViolation::Kind::not_sent, codes::gateway_dropped_valid, packet, 0, 0, 0);
  }

  // The same packet in the clear twice may leave twice.
  void judge_copies(const ClearPacket& packet, const Met& met) {
    std::size_t& left = copies_[packet.digest];
    if (left++ != 0) return;
    const std::size_t wanted = met.plain;
    for (std::size_t i = std::max<std::size_t>(wanted, 1); i < met.esp.size(); ++i) {
      const GatewayRecord& first = outer_.records()[met.esp[0]];
      const GatewayRecord& again = outer_.records()[met.esp[i]];
      // The very same ESP packet twice is a replay or a second capture, not a second encryption.
      if (again.digest == first.digest) continue;
      add(ProtectViolation::Kind::twice, codes::gateway_duplicated, packet, again.frame, again.file,
          outer_.flows()[again.flow].sa);
    }
  }

  void judge_outer() {
    std::set<std::uint64_t> plain;
    for (const ClearPacket& packet : plain_.clear()) plain.insert(packet.digest);
    for (const GatewayRecord& record : outer_.records()) {
      if (record.inner == 0) continue;
      if (plain.count(record.inner) == 0) ++report_.unseen;
      if (record.outside)
        report_.violations.push_back({&codes::selector_mismatch,
                                      ProtectViolation::Kind::outside,
                                      0,
                                      record.frame,
                                      0,
                                      record.file,
                                      {},
                                      outer_.flows()[record.flow].sa});
    }
    for (const ClearPacket& clear : outer_.clear()) {
      const ClearHosts& hosts = outer_.hosts()[clear.hosts];
      if (leaked_.count(clear.digest) != 0 || !is_selected(hosts)) continue;
      report_.violations.push_back(
          {&codes::gateway_leaked_plaintext, ProtectViolation::Kind::leaked, 0, clear.frame, 0, clear.file, hosts, 0});
    }
  }

  void add(ProtectViolation::Kind kind, const FindingInfo& info, const ClearPacket& packet, FrameNumber frame,
           std::uint16_t file, SaNumber sa) {
    report_.violations.push_back(
        {&info, kind, packet.frame, frame, packet.file, file, plain_.hosts()[packet.hosts], sa});
  }

  void conclude() {
    const auto say = [&](std::string text) { report_.reasons.push_back(std::move(text)); };
    if (plain_.clear().empty()) say("the capture of the protected side has no IP packet in the clear");
    if (report_.esp == 0)
      say("the other capture has no ESP packet");
    else if (report_.opened == 0)
      say("no ESP packet could be opened: this needs the keys of the ciphers, too");
    else if (report_.encrypted == 0)
      say("no packet of the protected side is in any ESP packet: are these the two sides?");
    const bool judged = report_.encrypted != 0;
    if (report_.violations.empty())
      report_.verdict = judged ? GatewayVerdict::pass : GatewayVerdict::inconclusive;
    else if (judged || std::any_of(report_.violations.begin(), report_.violations.end(),
                                   [](const auto& one) { return one.kind == ProtectViolation::Kind::leaked; }))
      report_.verdict = GatewayVerdict::fail;
  }

  const GatewaySide& plain_;
  const GatewaySide& outer_;
  const Keystore& keystore_;
  ProtectReport report_;
  std::unordered_map<std::uint64_t, Met> met_;
  std::unordered_map<std::uint64_t, std::size_t> copies_;
  std::set<std::uint64_t> leaked_;
  std::set<std::uint32_t> encrypted_hosts_;
  std::map<std::uint32_t, bool> ours_;
  std::vector<std::int64_t> differences_;
};

}  // namespace

ProtectReport judge_protection(const GatewaySide& plain, const GatewaySide& outer, const Keystore& keystore) {
  return Protection{plain, outer, keystore}.run();
}

}  // namespace espdump
