// Each packet that came in, and each that left without, gets a verdict; what nobody can judge is counted, not guessed.
#include "analysis/gateway.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <unordered_set>
#include <utility>

#include <espdump/codes.hpp>

#include "analysis/gateway_judge.hpp"

namespace espdump {
namespace {

constexpr std::size_t many_drops = 8;  // in one silence, of several flows: an outage, of the gateway or the capture

class Judge {
 public:
  Judge(GatewayCase& it, GatewayReport& report) : it_(it), report_(report) {}

  void run() {
    report_.sas = it_.classes.sas;
    it_.dropped.assign(it_.pairs.out_of.size(), false);
    note_windows();
    note_capture_loss();
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i) judge_in(i);
    decide_drops();
    for (RecordIndex o = 0; o < it_.pairs.in_of.size(); ++o) judge_out(o);
    for (const auto& [in, out] : it_.changed) judge_changed(in, out);
    judge_fragments(it_, report_);
    report_.esp_out = count(it_.egress, it_.pairs.in_of, it_.pairs.out_ways, report_.backward_out);
  }

 private:
  [[nodiscard]] static std::uint64_t count(const GatewaySide& side, const std::vector<RecordIndex>& partners,
                                           const std::vector<GatewayWay>& ways, std::uint64_t& backward) {
    std::uint64_t forward = 0;
    RecordIndex index = 0;
    for (const GatewayRecord& record : side.records()) {
      if (partners[index++] == captured_twice || record.ike) continue;
      ++(ways[record.flow] == GatewayWay::forward ? forward : backward);
    }
    return forward;
  }

  GatewaySa& sa_of(RecordIndex in) { return report_.sas[it_.classes.sa_of_flow[it_.ingress.records()[in].flow]]; }

  // The first number of each SA that the gateway let through: from there on its window is known.
  void note_windows() {
    shown_.assign(report_.sas.size(), std::nullopt);
    for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i) {
      if (it_.classes.of[i] != GatewayClass::good || it_.partner(i) == no_record) continue;
      auto& shown = shown_[it_.classes.sa_of_flow[it_.ingress.records()[i].flow]];
      if (!shown) shown = it_.ingress.records()[i].sequence;
    }
  }

  // Packets of the other direction come out of the gateway on this side: what the egress capture does not have of
  // them, it lost.
  void note_capture_loss() {
    const auto each = [&](auto look) {
      for (RecordIndex i = 0; i < it_.pairs.out_of.size(); ++i)
        if (!it_.is_forward(i) && it_.pairs.out_of[i] != captured_twice && it_.in_range(i)) look(i);
    };
    std::unordered_set<std::uint64_t> lost;
    each([&](RecordIndex i) {
      ++seen_back_;
      if (it_.partner(i) == no_record) lost.insert(it_.ingress.records()[i].digest);
    });
    // A second copy of what the egress capture has once is the gateway's doing.
    each([&](RecordIndex i) {
      if (!lost.empty() && it_.partner(i) != no_record) lost.erase(it_.ingress.records()[i].digest);
    });
    lost_back_ = lost.size();
  }

  // Whether so many of so many may be missing for the same reason as those of the other direction: at most three times
  // as often, or no more than chance has it. Square roots of such counts differ by the same whatever their size.
  [[nodiscard]] bool may_be_capture_loss(std::size_t missing, std::uint64_t expected) const {
    if (lost_back_ == 0) return false;
    const double ratio = static_cast<double>(expected) / static_cast<double>(seen_back_);
    const double many = static_cast<double>(missing), likely = static_cast<double>(lost_back_) * ratio;
    constexpr double widest = 3;  // standard deviations
    return many <= 3 * likely || 2 * (std::sqrt(many) - std::sqrt(likely)) <= widest * std::sqrt(1 + ratio);
  }

  void doubt(GatewayDoubt why) { ++report_.doubts[static_cast<std::size_t>(why)]; }

  void judge_in(RecordIndex i) {
    const GatewayRecord& record = it_.ingress.records()[i];
    if (it_.pairs.out_of[i] == captured_twice) return;
    if (record.ike) return judge_ike(i);
    if (!it_.is_forward(i)) {
      ++report_.backward_in;
      return;
    }
    ++report_.esp_in;
    const GatewayClass is = it_.classes.of[i];
    GatewaySa& sa = sa_of(i);
    ++sa.packets;
    ++sa.classes[static_cast<std::size_t>(is)];
    if (is != GatewayClass::open && is != GatewayClass::unknown_spi && is != GatewayClass::no_integrity) {
      ++report_.verified;
      ++sa.verified;
    }
    if (is == GatewayClass::open)
      judge_open(i, sa);
    else if (it_.partner(i) != no_record && it_.egress.records()[it_.partner(i)].icv == GatewayIcv::cut)
      leave_open(sa, GatewayDoubt::cut);  // nobody saw whether all of it left unchanged
    else if (is == GatewayClass::good)
      judge_good(i, sa);
    else
      judge_bad(i, is, sa);
    if (record.fragmented && it_.in_range(i)) ++report_.fragmented;
  }

  void judge_open(RecordIndex i, GatewaySa& sa) {
    ++sa.open;
    doubt(it_.classes.why[i]);
  }

  void judge_good(RecordIndex i, GatewaySa& sa) {
    if (it_.partner(i) != no_record) {
      ++report_.forwarded;
      ++sa.forwarded;
      return;
    }
    if (it_.was_changed(i)) return;
    if (!it_.in_range(i)) return leave_open(sa, GatewayDoubt::outside);
    if (it_.ingress.is_too_large(it_.ingress.records()[i])) return leave_open(sa, GatewayDoubt::too_large);
    const std::uint32_t index = it_.classes.sa_of_flow[it_.ingress.records()[i].flow];
    const std::uint64_t number = it_.ingress.records()[i].sequence;
    if (!it_.classes.began[index] && shown_[index] && number < *shown_[index])
      return leave_open(sa, GatewayDoubt::before_window);
    missing_.push_back(i);
  }

  void leave_open(GatewaySa& sa, GatewayDoubt why) {
    ++sa.open;
    doubt(why);
  }

  // What left has the right destination: it is the good packet of the same bytes, which the ingress capture lost.
  [[nodiscard]] bool is_of_lost_one(RecordIndex i, GatewayClass is, const GatewaySa& sa) const {
    if (is != GatewayClass::wrong_address || it_.partner(i) == no_record) return false;
    const IpAddress& right = it_.ingress.flows()[sa.flow].destination;
    return it_.egress.flow_of(it_.partner(i)).destination == right && it_.ingress.flow_of(i).destination != right;
  }

  void judge_bad(RecordIndex i, GatewayClass is, GatewaySa& sa) {
    if (is_of_lost_one(i, is, sa)) return leave_open(sa, GatewayDoubt::not_captured);
    if (it_.partner(i) != no_record) {
      ++sa.leaked;
      ++report_.exercised[static_cast<std::size_t>(is)];
      add(code_of(is), i, it_.partner(i), GatewayFault::leaked, is);
    } else if (it_.was_changed(i)) {
      ++report_.exercised[static_cast<std::size_t>(is)];
    } else if (it_.in_range(i)) {
      ++sa.stopped;
      ++report_.stopped;
      ++report_.exercised[static_cast<std::size_t>(is)];
    } else {
      leave_open(sa, GatewayDoubt::outside);
    }
  }

  void judge_ike(RecordIndex i) {
    if (!it_.is_forward(i)) return;
    ++report_.ike_in;
    if (it_.partner(i) != no_record) {
      ++report_.ike_passed;
      return;
    }
    // A message that is sent again is as good as the first.
    if (it_.was_changed(i) || !it_.in_range(i) || it_.ingress.records()[i].icv == GatewayIcv::cut) return;
    if (lost_back_ != 0) return doubt(GatewayDoubt::capture_loss);
    if (it_.pairs.matched + it_.pairs.matched_back != 0)
      add(codes::gateway_dropped_valid, i, no_record, GatewayFault::ike_dropped, GatewayClass::good);
  }

  // In which silence of the egress capture a packet would have left.
  [[nodiscard]] std::optional<std::size_t> silence_at(RecordIndex i) const {
    const std::int64_t time = it_.ingress.records()[i].time;
    const std::int64_t leaves = time + it_.pairs.clock.offset(time) + it_.pairs.typical;
    const auto& all = silences_;
    auto after = std::upper_bound(all.begin(), all.end(), leaves,
                                  [](std::int64_t value, const Silence& it) { return value < it.from; });
    if (after == all.begin() || std::prev(after)->to < leaves) return std::nullopt;
    return static_cast<std::size_t>(std::prev(after) - all.begin());
  }

  void decide_drops() {
    silences_ = it_.egress.silences();
    std::sort(silences_.begin(), silences_.end(), [](const Silence& a, const Silence& b) { return a.from < b.from; });
    struct Outage {
      std::size_t drops = 0;
      std::uint32_t flow = 0;
      bool several = false;
    };
    std::map<std::size_t, Outage> outages;
    for (const RecordIndex i : missing_) {
      const auto silence = silence_at(i);
      if (!silence) continue;
      Outage& outage = outages[*silence];
      const std::uint32_t flow = it_.ingress.records()[i].flow;
      if (outage.drops++ == 0) outage.flow = flow;
      outage.several = outage.several || outage.flow != flow;
    }
    const std::uint64_t expected = report_.forwarded + missing_.size();
    const bool capture_may_be_it = may_be_capture_loss(missing_.size(), expected);
    for (const RecordIndex i : missing_) {
      const auto silence = silence_at(i);
      const Outage outage = silence ? outages[*silence] : Outage{};
      if (outage.several && outage.drops >= many_drops)
        leave_open(sa_of(i), GatewayDoubt::silence);
      else if (capture_may_be_it)
        leave_open(sa_of(i), GatewayDoubt::capture_loss);
      else
        drop(i);
    }
  }

  void drop(RecordIndex i) {
    ++sa_of(i).dropped;
    it_.dropped[i] = true;
    add(codes::gateway_dropped_valid, i, no_record, GatewayFault::dropped, GatewayClass::good);
  }

  // A packet that left a second time, or never came.
  void judge_out(RecordIndex o) {
    const RecordIndex i = it_.pairs.in_of[o];
    const GatewayRecord& record = it_.egress.records()[o];
    if (record.ike || i == captured_twice || it_.pairs.out_ways[record.flow] != GatewayWay::forward) return;
    if (i == no_record) return judge_alone(o);
    if (it_.partner(i) == o) return;
    const GatewayClass is = it_.classes.of[i];
    if (is == GatewayClass::open) {
      add(codes::gateway_duplicated, i, o, GatewayFault::duplicated, is);
      return;
    }
    add(code_of(is), i, o, is == GatewayClass::good ? GatewayFault::duplicated : GatewayFault::leaked, is);
  }

  using Address = std::pair<std::uint32_t, IpAddress>;  // SPI and destination

  void index_sas() {
    for (std::uint32_t index = 0; index < report_.sas.size(); ++index) {
      const GatewayFlow& home = it_.ingress.flows()[report_.sas[index].flow];
      if (report_.sas[index].association != nullptr) by_association_.emplace(report_.sas[index].association, index);
      if (!home.ike) by_address_.emplace(Address{home.spi, home.destination}, index);
    }
  }

  [[nodiscard]] std::optional<std::uint32_t> sa_of_out(const GatewayFlow& flow) {
    if (by_address_.empty()) index_sas();
    if (const auto found = by_association_.find(flow.association); found != by_association_.end()) return found->second;
    const auto found = by_address_.find({flow.spi, flow.destination});
    return found == by_address_.end() ? std::nullopt : std::optional{found->second};
  }

  void judge_alone(RecordIndex o) {
    if (is_changed_out(o)) return;
    if (!it_.left_in_range(o)) return doubt(GatewayDoubt::outside);
    const GatewayRecord& record = it_.egress.records()[o];
    if (record.icv == GatewayIcv::cut || record.icv == GatewayIcv::pending) return doubt(GatewayDoubt::cut);
    if (may_have_come(record)) return doubt(GatewayDoubt::not_captured);
    add(codes::gateway_injected, no_record, o, GatewayFault::injected, GatewayClass::open);
  }

  // An authentic packet whose number the ingress capture lacks: the capture lost it, or someone with the keys made it.
  [[nodiscard]] bool may_have_come(const GatewayRecord& record) {
    if (record.icv == GatewayIcv::bad || record.icv == GatewayIcv::malformed || record.icv == GatewayIcv::none)
      return false;
    auto [known, is_new] = sa_by_out_flow_.try_emplace(record.flow);
    if (is_new) known->second = sa_of_out(it_.egress.flows()[record.flow]);
    if (!known->second) return false;
    const SeenNumbers& numbers = it_.classes.numbers[*known->second];
    if (numbers.empty()) return true;  // of an SA without keys
    const std::uint64_t number = record.sequence;
    if (number == 0 || numbers.contains(number)) return false;
    // The first and the last that came may be those that are missing; where nobody could check, only what lies between.
    return record.icv == GatewayIcv::ok || (number > numbers.lowest() && number < numbers.highest());
  }

  [[nodiscard]] bool is_changed_out(RecordIndex o) {
    if (changed_out_.empty() && !it_.changed.empty()) {
      changed_out_.reserve(it_.changed.size());
      for (const auto& [in, out] : it_.changed) changed_out_.push_back(out);
      std::sort(changed_out_.begin(), changed_out_.end());
    }
    return std::binary_search(changed_out_.begin(), changed_out_.end(), o);
  }

  void judge_changed(RecordIndex in, RecordIndex out) {
    const bool ike = it_.ingress.records()[in].ike;
    const GatewayClass is = it_.classes.of[in];
    if (is == GatewayClass::open && !ike) return;
    add(codes::gateway_modified, in, out, ike ? GatewayFault::ike_changed : GatewayFault::changed, is);
  }

  void add(const FindingInfo& info, RecordIndex in, RecordIndex out, GatewayFault fault, GatewayClass is) {
    report_.violations.push_back({&info, in, out, fault, is});
  }

  GatewayCase& it_;
  GatewayReport& report_;
  std::vector<std::optional<std::uint64_t>> shown_;
  std::vector<RecordIndex> missing_;  // good ones that did not leave
  std::vector<RecordIndex> changed_out_;
  std::vector<Silence> silences_;
  std::map<std::uint32_t, std::optional<std::uint32_t>> sa_by_out_flow_;
  std::map<const SecurityAssociation*, std::uint32_t> by_association_;
  std::map<Address, std::uint32_t> by_address_;
  std::uint64_t seen_back_ = 0, lost_back_ = 0;  // of the other direction
};

// By the frames, ingress first, as one reads them.
void put_in_order(const GatewayCase& it, GatewayReport& report) {
  const auto place = [&](const GatewayViolation& violation) {
    if (violation.fault == GatewayFault::plaintext) return it.egress.clear()[violation.out].time;
    if (violation.in != no_record) {
      const std::int64_t time = it.ingress.records()[violation.in].time;
      return time + it.pairs.clock.offset(time);
    }
    return it.egress.records()[violation.out].time;
  };
  std::stable_sort(report.violations.begin(), report.violations.end(),
                   [&](const GatewayViolation& a, const GatewayViolation& b) { return place(a) < place(b); });
}

}  // namespace

const FindingInfo& code_of(GatewayClass is) {
  switch (is) {
    case GatewayClass::replay:
    case GatewayClass::old_replay:
    case GatewayClass::stale:
    case GatewayClass::zero: return codes::gateway_leaked_replay;
    case GatewayClass::unknown_spi:
    case GatewayClass::wrong_address:
    case GatewayClass::no_integrity: return codes::gateway_leaked_unknown;
    case GatewayClass::good: return codes::gateway_duplicated;
    case GatewayClass::open:
    case GatewayClass::bad_icv:
    case GatewayClass::far_ahead:
    case GatewayClass::malformed: break;
  }
  return codes::gateway_leaked_bad_icv;
}

GatewayReport judge_gateway(GatewaySide& ingress, GatewaySide& egress, const GatewayOptions& options) {
  GatewayReport report;
  GatewayCase it{ingress, egress, options, pair_sides(ingress, egress), {}, {}, {}};
  it.classes = classify(ingress, egress, it.pairs, options);
  find_changed(it);
  Judge{it, report}.run();
  find_repeated(it, report);
  judge_headers(it, report);
  judge_plaintext(it, report);
  measure_order(it, report);
  measure_latency(it, report);
  measure_loss(it, report);
  find_hints(it, report);
  conclude(it, report);
  put_in_order(it, report);
  report.pairs = std::move(it.pairs);
  return report;
}

}  // namespace espdump
