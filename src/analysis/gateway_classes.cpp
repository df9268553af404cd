// One walk over the ingress records in the order they came. Only authentic packets move a window.
#include "analysis/gateway_classes.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>
#include <utility>

namespace espdump {
namespace {

constexpr std::uint32_t least_far = 64;  // ahead of the newest number, where the window is smaller
constexpr std::uint64_t many = 8;        // packets that make a flow one in use
constexpr std::uint64_t near_step = 16;  // from one number to the next, packets lost between them included

// Packets with bad ICVs in a row, at an end of a flow.
struct BadRun {
  std::uint64_t packets = 0, ascending = 0;
  std::uint32_t first = 0, last = 0;
  void add(std::uint32_t number) {
    const std::uint32_t step = number - last;
    const bool begins_again = number <= near_step && number <= last;
    if (packets == 0) first = number;
    if (packets++ == 0 || begins_again || (step != 0 && step <= near_step)) ++ascending;
    last = number;
  }
  // Numbers that go up as a sender's do: generations of the SA under the same SPI whose keys are not at hand.
  [[nodiscard]] bool is_of_sender() const { return packets >= 4 && ascending == packets; }
};

// Whether one number lies behind another, on the circle of 32 bits.
bool is_behind(std::uint32_t number, std::uint32_t other) { return static_cast<std::int32_t>(number - other) <= 0; }

// What can be told of a flow before its packets are judged.
struct FlowFacts {
  std::uint64_t packets = 0, verified = 0;
  BadRun head, tail;  // before the first that verifies, and behind the last
  RecordIndex first_verified = no_record, last_verified = no_record;
  std::uint32_t first_number = 0, last_number = 0;  // that verify
  std::uint64_t ascending = 0;                      // numbers a little higher than the one before
  std::uint32_t last = 0;
  std::uint64_t checksums = 0, bad_checksums = 0;  // of UDP

  // Numbers that go up as a sender's do: an SA in use, not a packet that someone threw in.
  [[nodiscard]] bool looks_alive() const { return packets >= many && ascending * 4 >= packets * 3; }
  // Where most are wrong, the capture was taken before a network card filled them in.
  [[nodiscard]] bool has_checksums() const { return bad_checksums * 2 < checksums; }
  // Numbers begin again between one generation of an SA and the next. Those that go on are of this one.
  [[nodiscard]] bool head_is_other() const { return head.is_of_sender() && is_behind(first_number, head.last); }
  [[nodiscard]] bool tail_is_other() const { return tail.is_of_sender() && is_behind(tail.first, last_number); }
};

std::vector<FlowFacts> facts_of(const GatewaySide& side, const std::vector<RecordIndex>& partners) {
  std::vector<FlowFacts> out(side.flows().size());
  RecordIndex next = 0;
  for (const GatewayRecord& record : side.records()) {
    const RecordIndex index = next++;
    if (partners[index] == captured_twice) continue;
    FlowFacts& flow = out[record.flow];
    const auto number = static_cast<std::uint32_t>(record.sequence);
    const std::uint32_t step = number - flow.last;
    if (flow.packets++ == 0 || (step != 0 && step <= near_step)) ++flow.ascending;
    flow.last = number;
    flow.checksums += record.no_checksum ? 0 : 1;
    flow.bad_checksums += record.bad_checksum ? 1 : 0;
    if (record.icv == GatewayIcv::bad) (flow.verified == 0 ? flow.head : flow.tail).add(number);
    if (record.icv != GatewayIcv::ok) continue;
    if (flow.verified++ == 0) {
      flow.first_verified = index;
      flow.first_number = number;
    }
    flow.last_verified = index;
    flow.last_number = number;
    flow.tail = {};
  }
  return out;
}

class Classifier {
 public:
  Classifier(const GatewaySide& ingress, const GatewaySide& egress, const GatewayPairs& pairs,
             const GatewayOptions& options)
      : ingress_(ingress), pairs_(pairs), options_(options), facts_(facts_of(ingress, pairs.out_of)) {
    note_proofs(ingress);
    note_proofs(egress);
    out_.proven = !proven_.empty();
    group_flows();
    out_.of.assign(ingress.records().size(), GatewayClass::open);
    out_.why.assign(ingress.records().size(), GatewayDoubt::no_key);
  }

  GatewayClasses run() {
    for (RecordIndex i = 0; i < out_.of.size(); ++i) {
      const GatewayRecord& record = ingress_.records()[i];
      if (record.ike || pairs_.out_of[i] == captured_twice || pairs_.in_ways[record.flow] != GatewayWay::forward)
        continue;
      out_.of[i] = class_of(i);
    }
    return std::move(out_);
  }

 private:
  // Keys are right where something verifies under them, on whichever side.
  void note_proofs(const GatewaySide& side) {
    for (const GatewayRecord& record : side.records()) {
      const SecurityAssociation* sa = side.flows()[record.flow].association;
      if (!record.ike && record.icv == GatewayIcv::ok && sa != nullptr) proven_.insert(sa);
    }
  }

  // Flows of one SA are one; a flow without is for itself.
  void group_flows() {
    const auto& flows = ingress_.flows();
    std::map<const SecurityAssociation*, std::uint32_t> known;
    out_.sa_of_flow.reserve(flows.size());
    for (std::uint32_t flow = 0; flow < flows.size(); ++flow) {
      const SecurityAssociation* sa = flows[flow].association;
      const auto next = static_cast<std::uint32_t>(out_.sas.size());
      const std::uint32_t index = sa == nullptr ? next : known.try_emplace(sa, next).first->second;
      out_.sa_of_flow.push_back(index);
      if (index == next) {
        out_.sas.emplace_back();
        out_.sas.back().flow = flow;
        out_.sas.back().association = sa;
        out_.sas.back().window = sa == nullptr ? 0 : options_.window.value_or(sa->replay_window);
      }
      GatewaySa& known_sa = out_.sas[index];
      if (facts_[flow].verified > facts_[known_sa.flow].verified) known_sa.flow = flow;
      known_sa.number = flows[known_sa.flow].sa;
    }
    out_.numbers.resize(out_.sas.size());
    out_.began.assign(out_.sas.size(), false);
  }

  GatewayClass open(RecordIndex i, GatewayDoubt why) {
    out_.why[i] = why;
    return GatewayClass::open;
  }

  GatewayClass class_of(RecordIndex i) {
    const GatewayRecord& record = ingress_.records()[i];
    switch (record.icv) {
      case GatewayIcv::ok: return class_of_authentic(i);
      case GatewayIcv::bad: return class_of_bad(i);
      case GatewayIcv::none: return GatewayClass::no_integrity;
      case GatewayIcv::malformed: return GatewayClass::malformed;
      case GatewayIcv::no_key: return open(i, GatewayDoubt::no_key);
      case GatewayIcv::unknown:
        // Without any SA that fits the captures, the keys are what is wrong.
        if (!out_.proven || facts_[record.flow].looks_alive()) return open(i, GatewayDoubt::no_sa);
        return GatewayClass::unknown_spi;
      case GatewayIcv::cut:
      case GatewayIcv::pending: break;
    }
    return open(i, GatewayDoubt::cut);
  }

  GatewayClass class_of_bad(RecordIndex i) {
    const GatewayRecord& record = ingress_.records()[i];
    const std::uint32_t sa = out_.sa_of_flow[record.flow];
    if (proven_.count(out_.sas[sa].association) == 0 || is_of_other_generation(i))
      return open(i, GatewayDoubt::unproven_key);
    if (record.wrong_size) return GatewayClass::malformed;
    const SeenNumbers& numbers = out_.numbers[sa];
    const auto ahead = static_cast<std::uint32_t>(record.sequence) - static_cast<std::uint32_t>(numbers.highest());
    const bool far = ahead >= std::max(out_.sas[sa].window, least_far) && ahead < 0x8000'0000;
    return far && !numbers.empty() ? GatewayClass::far_ahead : GatewayClass::bad_icv;
  }

  [[nodiscard]] bool is_of_other_generation(RecordIndex i) const {
    const FlowFacts& flow = facts_[ingress_.records()[i].flow];
    if (flow.verified == 0) return flow.head.is_of_sender();
    return (i < flow.first_verified && flow.head_is_other()) || (i > flow.last_verified && flow.tail_is_other());
  }

  // An SA is found by destination and SPI. A NAT, or a peer that moved, shows in more than a few packets.
  [[nodiscard]] bool is_stray(const GatewayRecord& record, const GatewaySa& sa) const {
    const GatewayFlow& home = ingress_.flows()[sa.flow];
    return ingress_.flows()[record.flow].destination != home.destination && facts_[record.flow].verified < many;
  }

  GatewayClass class_of_authentic(RecordIndex i) {
    const GatewayRecord& record = ingress_.records()[i];
    const std::uint32_t index = out_.sa_of_flow[record.flow];
    const GatewaySa& sa = out_.sas[index];
    SeenNumbers& numbers = out_.numbers[index];
    if (is_stray(record, sa)) return GatewayClass::wrong_address;
    if (record.sequence == 0) return GatewayClass::zero;
    const std::uint64_t newest = numbers.highest();
    const std::uint64_t behind = newest > record.sequence ? newest - record.sequence : 0;
    const bool left_of_window = sa.window != 0 && behind >= sa.window;
    if (numbers.contains(record.sequence) || pairs_.came_before[i])
      return left_of_window ? GatewayClass::old_replay : GatewayClass::replay;
    if (numbers.empty()) out_.began[index] = record.sequence == 1;
    if (behind != 0) out_.late.push_back({i, behind});
    if (left_of_window) return GatewayClass::stale;
    const bool damaged = record.bad_checksum && facts_[record.flow].has_checksums();
    // A gateway that looks at the checksum drops it before it looks at the number.
    if (damaged && pairs_.out_of[i] == no_record) return open(i, GatewayDoubt::checksum);
    numbers.insert(record.sequence);
    if (damaged) return open(i, GatewayDoubt::checksum);
    return record.overlapped ? open(i, GatewayDoubt::overlap) : GatewayClass::good;
  }

  const GatewaySide& ingress_;
  const GatewayPairs& pairs_;
  const GatewayOptions& options_;
  std::vector<FlowFacts> facts_;
  std::unordered_set<const SecurityAssociation*> proven_;
  GatewayClasses out_;
};

}  // namespace

GatewayClasses classify(const GatewaySide& ingress, const GatewaySide& egress, const GatewayPairs& pairs,
                        const GatewayOptions& options) {
  return Classifier{ingress, egress, pairs, options}.run();
}

}  // namespace espdump
