// Records of both sides are sorted by hash and walked side by side, so that nothing but two lists of numbers is kept.
#include "analysis/gateway_pairs.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <utility>

#include "analysis/gateway_ways.hpp"
#include "decode/sighting.hpp"

namespace espdump {
namespace {

using Order = std::vector<RecordIndex>;
using Group = std::span<const RecordIndex>;

constexpr std::int64_t millisecond = 1'000'000, second = 1'000'000'000;
// A packet cannot leave before it comes; clocks and capturing hosts are a little wrong all the same.
constexpr std::int64_t tolerance = 5 * millisecond;
constexpr std::size_t most_samples = 1U << 18, least_samples = 64;
constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

Order ordered(const GatewaySide& side) {
  Order out(side.records().size());
  std::iota(out.begin(), out.end(), RecordIndex{0});
  const auto& records = side.records();
  std::sort(out.begin(), out.end(), [&](RecordIndex a, RecordIndex b) {
    return records[a].digest != records[b].digest ? records[a].digest < records[b].digest : a < b;
  });
  return out;
}

// Calls `look` with the records of both sides that have the same bytes; one of the groups may be empty.
template <typename Look>
void each_group(const GatewaySide& ingress, const GatewaySide& egress, const Order& in, const Order& out, Look look) {
  const auto run = [](const GatewaySide& side, const Order& order, std::size_t from) {
    std::size_t to = from + 1;
    while (to < order.size() && side.records()[order[to]].digest == side.records()[order[from]].digest) ++to;
    return Group{order}.subspan(from, to - from);
  };
  std::size_t a = 0, b = 0;
  while (a < in.size() || b < out.size()) {
    const bool has_in = a < in.size(), has_out = b < out.size();
    const std::uint64_t one = has_in ? ingress.records()[in[a]].digest : 0;
    const std::uint64_t other = has_out ? egress.records()[out[b]].digest : 0;
    const Group ins = has_in && (!has_out || one <= other) ? run(ingress, in, a) : Group{};
    const Group outs = has_out && (!has_in || other <= one) ? run(egress, out, b) : Group{};
    look(ins, outs);
    a += ins.size();
    b += outs.size();
  }
}

MetAt met_at(const GatewayRecord& it) { return {it.time, it.link, it.ttl, it.any_device}; }

// Whether `now` may be the packet of `before`, captured once more.
Nearness nearness(const GatewayRecord& before, const GatewayRecord& now) {
  if (before.ipv4 && before.id != now.id) return Nearness::other;
  return nearness(met_at(before), met_at(now), before.file != now.file);
}

// Whether the capture has most packets twice in one place, at once: then that is the capture's doing. A few of them
// are someone else's.
bool sees_double(const GatewaySide& side, const Order& order) {
  const auto& records = side.records();
  std::uint64_t groups = 0, doubled = 0;
  for (std::size_t at = 0; at < order.size(); ++at) {
    const bool begins = at == 0 || records[order[at]].digest != records[order[at - 1]].digest;
    if (begins) ++groups;
    const bool next = at + 1 < order.size() && records[order[at + 1]].digest == records[order[at]].digest;
    if (begins && next && nearness(records[order[at]], records[order[at + 1]]) == Nearness::same_place) ++doubled;
  }
  return doubled * 2 > groups;
}

// Of records with the same bytes, marks those that the capture made.
std::uint64_t mark_copies(const GatewaySide& side, const Order& order, std::vector<RecordIndex>& partners) {
  const auto& records = side.records();
  const bool doubles = sees_double(side, order);
  std::uint64_t count = 0;
  std::size_t kept = 0;
  for (std::size_t at = 1; at < order.size(); ++at) {
    const GatewayRecord& before = records[order[kept]];
    const GatewayRecord& now = records[order[at]];
    const Nearness how = before.digest == now.digest ? nearness(before, now) : Nearness::other;
    if (how == Nearness::elsewhere || (how == Nearness::same_place && doubles)) {
      partners[order[at]] = captured_twice;
      ++count;
    } else {
      kept = at;
    }
  }
  return count;
}

// The more certain a verdict, the lower.
int doubt(GatewayIcv icv) {
  switch (icv) {
    case GatewayIcv::ok: return 0;
    case GatewayIcv::bad: return 1;
    case GatewayIcv::none: return 2;
    case GatewayIcv::malformed: return 3;
    case GatewayIcv::no_key: return 4;
    case GatewayIcv::unknown: return 5;
    case GatewayIcv::cut: return 6;
    case GatewayIcv::pending: break;
  }
  return 7;
}

// The same bytes have the same verdict wherever they are met: whoever knows it tells the others.
void share_verdicts(GatewaySide& ingress, GatewaySide& egress, Group ins, Group outs) {
  GatewayRecord best;
  best.icv = GatewayIcv::pending;
  const auto look = [&](const GatewayRecord& record) {
    if (doubt(record.icv) < doubt(best.icv)) best = record;
  };
  for (const RecordIndex i : ins) look(ingress.records()[i]);
  for (const RecordIndex o : outs) look(egress.records()[o]);
  const auto tell = [&](GatewayRecord& record) {
    // A copy of another packet's frame has no verdict of its own; and what one side verified is verified.
    if (record.icv != GatewayIcv::pending && best.icv != GatewayIcv::ok) return;
    record.icv = best.icv;
    record.sequence = best.sequence;
    if (record.inner == 0) record.inner = best.inner;
  };
  for (const RecordIndex i : ins) tell(ingress.records()[i]);
  for (const RecordIndex o : outs) tell(egress.records()[o]);
}

using Hosts = GatewayHosts;

class Pairing {
 public:
  Pairing(GatewaySide& ingress, GatewaySide& egress)
      : ingress_(ingress), egress_(egress), in_(ordered(ingress)), out_(ordered(egress)) {
    pairs_.out_of.assign(in_.size(), no_record);
    pairs_.in_of.assign(out_.size(), no_record);
    pairs_.came_before.assign(in_.size(), false);
    pairs_.in_ways.assign(ingress.flows().size(), GatewayWay::forward);
    pairs_.out_ways.assign(egress.flows().size(), GatewayWay::forward);
    matched_out_.assign(egress.flows().size(), false);
    pairs_.twice_in = mark_copies(ingress, in_, pairs_.out_of);
    pairs_.twice_out = mark_copies(egress, out_, pairs_.in_of);
  }

  GatewayPairs run() {
    each_group(ingress_, egress_, in_, out_,
               [&](Group ins, Group outs) { share_verdicts(ingress_, egress_, ins, outs); });
    find_drift();
    find_directions();
    find_shift();
    each_group(ingress_, egress_, in_, out_, [&](Group ins, Group outs) { pair_group(ins, outs); });
    find_ways_of_others();
    measure();
    return std::move(pairs_);
  }

 private:
  // The one that is no copy, where there is only one.
  static RecordIndex only(Group group, const std::vector<RecordIndex>& partners) {
    RecordIndex found = no_record;
    for (const RecordIndex index : group) {
      if (partners[index] == captured_twice) continue;
      if (found != no_record) return no_record;
      found = index;
    }
    return found;
  }

  // Packets that both sides have exactly once.
  template <typename Look>
  void each_certain(Look look) {
    each_group(ingress_, egress_, in_, out_, [&](Group ins, Group outs) {
      if (ins.empty() || outs.empty()) return;
      const RecordIndex i = only(ins, pairs_.out_of), o = only(outs, pairs_.in_of);
      if (i != no_record && o != no_record) look(i, o);
    });
  }

  void find_drift() {
    const std::uint64_t bound = sample_bound();
    std::map<Hosts, std::uint64_t> counts;
    each_certain([&](RecordIndex i, RecordIndex) { ++counts[hosts_of(i)]; });
    if (counts.empty()) return;
    const Hosts busiest = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                            return a.second < b.second;
                          })->first;
    std::vector<ClockSample> samples;
    each_certain([&](RecordIndex i, RecordIndex o) {
      const GatewayRecord& record = ingress_.records()[i];
      if (record.digest <= bound && hosts_of(i) == busiest)
        samples.push_back({record.time, egress_.records()[o].time - record.time});
    });
    pairs_.clock.drift = drift_of(samples);
    if (!samples.empty()) pairs_.clock.start = samples.front().time;
  }

  [[nodiscard]] Hosts hosts_of(RecordIndex i) const {
    const GatewayFlow& flow = ingress_.flow_of(i);
    return {flow.source, flow.destination};
  }

  // What a packet's clocks differ by, drift taken off.
  [[nodiscard]] std::int64_t later(RecordIndex i, RecordIndex o) const {
    const std::int64_t time = ingress_.records()[i].time;
    return egress_.records()[o].time - time -
           static_cast<std::int64_t>(pairs_.clock.drift * static_cast<double>(time - pairs_.clock.start));
  }

  void find_directions() {
    std::map<Hosts, WaySamples> samples;
    each_certain([&](RecordIndex i, RecordIndex o) {
      const GatewayRecord &in = ingress_.records()[i], &out = egress_.records()[o];
      WaySamples& one = samples[hosts_of(i)];
      if (one.later.size() >= least_samples && in.digest > sample_bound()) return;
      one.later.push_back(later(i, o));
      // Segments of a stream are made anew.
      const bool kept = in.ttl == out.ttl || ingress_.flow_of(i).encapsulation == Encapsulation::tcp;
      ++(kept ? one.kept : in.ttl > out.ttl ? one.fell : one.rose);
    });
    ways_ = find_ways(samples);
    pairs_.two_ways = ways_.two_ways;
    mark_ways(ingress_, pairs_.in_ways);
    mark_ways(egress_, pairs_.out_ways);
  }

  // Hashes are as good as random numbers: those below a bound are a sample.
  [[nodiscard]] std::uint64_t sample_bound() const {
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return in_.size() <= most_samples ? most : most / in_.size() * most_samples;
  }

  void mark_ways(const GatewaySide& side, std::vector<GatewayWay>& ways) const {
    for (std::size_t i = 0; i < ways.size(); ++i)
      if (std::binary_search(ways_.backward.begin(), ways_.backward.end(),
                             Hosts{side.flows()[i].source, side.flows()[i].destination}))
        ways[i] = GatewayWay::backward;
  }

  void find_shift() {
    GatewayClock& clock = pairs_.clock;
    if (ways_.forward_least == never) return;
    if (pairs_.two_ways) {
      // Halves of each, for the sum may not fit.
      const std::int64_t middle = ways_.forward_least / 2 + ways_.backward_most / 2;
      const std::int64_t half = ways_.forward_least / 2 - ways_.backward_most / 2;
      clock.uncertainty = half < 0 ? -half : half;  // less than none: captures whose times are not those of the wire
      const bool one_clock = clock.drift == 0 && (middle < 0 ? -middle : middle) <= clock.uncertainty + millisecond;
      clock.basis = one_clock ? GatewayClock::Basis::one : GatewayClock::Basis::two_way;
      clock.shift = one_clock ? 0 : middle;
    } else if (clock.drift == 0 && ways_.forward_least >= 0 && ways_.forward_least < second) {
      clock.basis = GatewayClock::Basis::one;
    } else {
      clock.basis = GatewayClock::Basis::fastest;
      clock.shift = ways_.forward_least;
    }
  }

  // A packet cannot leave before it has come.
  [[nodiscard]] bool can_be(RecordIndex i, RecordIndex o) const {
    const GatewayRecord& in = ingress_.records()[i];
    const std::int64_t needed = egress_.records()[o].time - in.time - pairs_.clock.offset(in.time);
    if (pairs_.in_ways[in.flow] == GatewayWay::backward) return needed <= tolerance + pairs_.clock.uncertainty;
    return needed >= -tolerance - pairs_.clock.uncertainty;
  }

  // Each that leaves is the earliest that came and has not left yet. What is left over leaves a second time.
  void pair_group(Group ins, Group outs) {
    if (ins.empty() || outs.empty()) return;
    std::size_t next = 0;
    RecordIndex latest = no_record;
    bool left_before = false;
    for (const RecordIndex o : outs) {
      if (pairs_.in_of[o] == captured_twice) continue;
      while (next < ins.size() && pairs_.out_of[ins[next]] == captured_twice) ++next;
      if (next < ins.size() && can_be(ins[next], o)) {
        latest = ins[next++];
        pairs_.out_of[latest] = o;
        pairs_.in_of[o] = latest;
        count_pair(latest, o);
      } else if (latest != no_record) {
        pairs_.in_of[o] = latest;
      } else {
        left_before = true;
      }
    }
    if (left_before)
      for (const RecordIndex i : ins) pairs_.came_before[i] = true;
  }

  // A NAT gives the packets of a flow other addresses, but not another direction.
  void count_pair(RecordIndex i, RecordIndex o) {
    const GatewayWay way = pairs_.in_ways[ingress_.records()[i].flow];
    const std::uint32_t flow = egress_.records()[o].flow;
    pairs_.out_ways[flow] = way;
    const GatewayFlow& ends = egress_.flows()[flow];
    if (!matched_out_[flow]) ways_by_hosts_.try_emplace({ends.source, ends.destination}, way);
    matched_out_[flow] = true;
    ++(way == GatewayWay::forward ? pairs_.matched : pairs_.matched_back);
    if (way == GatewayWay::forward && egress_.records()[o].ttl > ingress_.records()[i].ttl) ++pairs_.climbed;
  }

  // What never reached the ingress side goes the way of other packets of its hosts, or against that of their answers.
  void find_ways_of_others() {
    for (std::size_t flow = 0; flow < pairs_.out_ways.size(); ++flow) {
      const GatewayFlow& ends = egress_.flows()[flow];
      if (matched_out_[flow]) continue;
      const auto same = ways_by_hosts_.find({ends.source, ends.destination});
      const auto answers = ways_by_hosts_.find({ends.destination, ends.source});
      if (same != ways_by_hosts_.end())
        pairs_.out_ways[flow] = same->second;
      else if (answers != ways_by_hosts_.end() && answers->second == GatewayWay::forward)
        pairs_.out_ways[flow] = GatewayWay::backward;
    }
  }

  void measure() {
    std::vector<std::int64_t> needed;
    needed.reserve(std::min<std::size_t>(pairs_.matched, most_samples * 2));
    const std::uint64_t step = pairs_.matched / most_samples + 1;
    std::uint64_t count = 0;
    for (RecordIndex i = 0; i < pairs_.out_of.size(); ++i) {
      const GatewayRecord& record = ingress_.records()[i];
      if (pairs_.out_of[i] >= captured_twice || pairs_.in_ways[record.flow] != GatewayWay::forward) continue;
      if (count++ % step != 0) continue;
      needed.push_back(egress_.records()[pairs_.out_of[i]].time - record.time - pairs_.clock.offset(record.time));
    }
    if (needed.empty()) return;
    std::sort(needed.begin(), needed.end());
    pairs_.typical = needed[needed.size() / 2];
    pairs_.slowest = needed[needed.size() - 1 - needed.size() / 100];
  }

  GatewaySide& ingress_;
  GatewaySide& egress_;
  Order in_, out_;
  GatewayPairs pairs_;
  GatewayWays ways_;
  std::vector<bool> matched_out_;              // for each flow of egress
  std::map<Hosts, GatewayWay> ways_by_hosts_;  // on egress, of packets that both sides have
};

}  // namespace

GatewayPairs pair_sides(GatewaySide& ingress, GatewaySide& egress) { return Pairing{ingress, egress}.run(); }

}  // namespace espdump
