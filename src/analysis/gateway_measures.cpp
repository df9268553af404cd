// What good packets went through: order, time, loss.
#include <algorithm>
#include <cstddef>

#include <espdump/codes.hpp>

#include "analysis/gateway_judge.hpp"

namespace espdump {
namespace {

// Of a sorted list.
GatewayLatency latency_of(const std::vector<std::int64_t>& sorted) {
  if (sorted.empty()) return {};
  return {sorted.size(), sorted.front(), sorted[sorted.size() / 2], sorted[sorted.size() - 1 - sorted.size() / 100],
          sorted.back()};
}

// An egress packet of an SA: the place of its packet on ingress among those of the SA that passed.
struct Order {
  std::uint64_t passed = 0;    // so far, on ingress
  std::uint64_t furthest = 0;  // the highest place that left so far
  RecordIndex overtaker = no_record;
};

}  // namespace

void measure_order(const GatewayCase& it, GatewayReport& report) {
  std::vector<Order> orders(report.sas.size());
  std::vector<std::uint32_t> places(it.pairs.out_of.size());
  const auto sa_of = [&](RecordIndex i) { return it.classes.sa_of_flow[it.ingress.records()[i].flow]; };
  for (RecordIndex i = 0; i < places.size(); ++i)
    if (it.partner(i) != no_record && it.is_forward(i) && !it.ingress.records()[i].ike)
      places[i] = static_cast<std::uint32_t>(++orders[sa_of(i)].passed);
  for (RecordIndex o = 0; o < it.pairs.in_of.size(); ++o) {
    const RecordIndex i = it.pairs.in_of[o];
    if (i >= captured_twice || it.partner(i) != o || places[i] == 0) continue;
    Order& order = orders[sa_of(i)];
    if (places[i] > order.furthest) {
      order.furthest = places[i];
      order.overtaker = i;
      continue;
    }
    GatewayReordering& sa = report.sas[sa_of(i)].reordering;
    ++sa.packets;
    const std::int64_t more = it.needed(i, o) - it.needed(order.overtaker, it.partner(order.overtaker));
    sa.most_time = std::max(sa.most_time, more);
    if (const std::uint64_t behind = order.furthest - places[i]; behind > sa.most_places) {
      sa.most_places = behind;
      sa.in = i;
      sa.out = o;
    }
  }
  for (const GatewaySa& sa : report.sas) {
    report.reordering.packets += sa.reordering.packets;
    report.reordering.most_time = std::max(report.reordering.most_time, sa.reordering.most_time);
    if (sa.reordering.most_places <= report.reordering.most_places) continue;
    report.reordering.most_places = sa.reordering.most_places;
    report.reordering.in = sa.reordering.in;
    report.reordering.out = sa.reordering.out;
  }
}

void measure_latency(const GatewayCase& it, GatewayReport& report) {
  std::vector<std::vector<std::int64_t>> needed(report.sas.size());
  for (RecordIndex i = 0; i < it.pairs.out_of.size(); ++i)
    if (it.classes.of[i] == GatewayClass::good && it.partner(i) != no_record)
      needed[it.classes.sa_of_flow[it.ingress.records()[i].flow]].push_back(it.needed(i, it.partner(i)));
  std::vector<std::int64_t> all;
  std::size_t count = 0;
  for (const auto& one : needed) count += one.size();
  all.reserve(count);
  for (std::size_t sa = 0; sa < needed.size(); ++sa) {
    std::sort(needed[sa].begin(), needed[sa].end());
    report.sas[sa].latency = latency_of(needed[sa]);
    all.insert(all.end(), needed[sa].begin(), needed[sa].end());
    needed[sa] = {};
  }
  std::sort(all.begin(), all.end());
  report.latency = latency_of(all);
}

void measure_loss(const GatewayCase& it, GatewayReport& report) {
  constexpr std::uint16_t edges[] = {0, 128, 256, 512, 1024, 1280, 1400, 1536, 65535};
  GatewayLoss& loss = report.loss;
  for (std::size_t i = 0; i + 1 < std::size(edges); ++i)
    loss.sizes.push_back({edges[i], static_cast<std::uint16_t>(edges[i + 1] - 1), 0, 0});
  std::uint64_t run = 0;
  for (RecordIndex i = 0; i < it.pairs.out_of.size(); ++i) {
    const GatewayRecord& record = it.ingress.records()[i];
    if (it.classes.of[i] != GatewayClass::good || (!it.dropped[i] && it.partner(i) == no_record)) continue;
    const auto size = std::find_if(loss.sizes.begin(), loss.sizes.end(),
                                   [&](const GatewayLoss::Size& one) { return record.length <= one.most; });
    const std::size_t bucket =
        size == loss.sizes.end() ? loss.sizes.size() - 1 : static_cast<std::size_t>(size - loss.sizes.begin());
    ++loss.sizes[bucket].packets;
    if (it.dropped[i]) {
      ++loss.sizes[bucket].dropped;
      ++run;
      if (loss.smallest_dropped == 0 || record.length < loss.smallest_dropped) loss.smallest_dropped = record.length;
      continue;
    }
    loss.largest_passed = std::max<std::size_t>(loss.largest_passed, record.length);
    if (run != 0) ++loss.bursts[run];
    run = 0;
  }
  if (run != 0) ++loss.bursts[run];
  loss.sizes.erase(std::remove_if(loss.sizes.begin(), loss.sizes.end(),
                                  [](const GatewayLoss::Size& one) { return one.packets == 0; }),
                   loss.sizes.end());
}

}  // namespace espdump
