// Routers take from the TTL (RFC 1812 section 5.3.1), so that what has less has come through. Where nobody routes,
// packets of one direction seem to need longer than those of the other, whatever the clocks say: the first go from
// ingress to egress.
#include "analysis/gateway_ways.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace espdump {
namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least_reach = 5'000'000;  // nanoseconds

// What packets need, without those far off: they are replays of packets that left before, or the like.
struct Bulk {
  std::int64_t median = 0, least = 0, most = 0;
  std::optional<bool> routed_forward;  // by the TTL
};

std::optional<bool> by_ttl(const WaySamples& samples) {
  const std::uint64_t all = samples.fell + samples.rose + samples.kept;
  if (samples.fell * 10 > all * 9) return true;
  if (samples.rose * 10 > all * 9) return false;
  return std::nullopt;
}

Bulk bulk_of(WaySamples samples) {
  std::vector<std::int64_t>& values = samples.later;
  std::sort(values.begin(), values.end());
  Bulk out;
  out.routed_forward = by_ttl(samples);
  out.median = values[values.size() / 2];
  std::vector<std::int64_t> distances;
  distances.reserve(values.size());
  for (const std::int64_t value : values)
    distances.push_back(value < out.median ? out.median - value : value - out.median);
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  const std::int64_t reach = std::max(std::min(*middle, never / 64) * 10, least_reach);
  out.least = *std::lower_bound(values.begin(), values.end(), out.median - reach);
  out.most = *std::prev(std::upper_bound(values.begin(), values.end(), out.median + reach));
  return out;
}

using Bulks = std::map<GatewayHosts, Bulk>;

// Of hosts whose packets go both ways, or that a router stands between. Nothing: they tell nothing.
std::optional<bool> is_forward(const Bulks& bulks, const GatewayHosts& hosts, const Bulk& bulk) {
  const auto answers = bulks.find({hosts.second, hosts.first});
  if (answers == bulks.end()) return bulk.routed_forward;
  const Bulk& back = answers->second;
  if (bulk.least > back.most) return true;
  if (back.least > bulk.most) return false;
  if (bulk.routed_forward) return bulk.routed_forward;
  if (back.routed_forward) return !*back.routed_forward;
  return bulk.median != back.median ? bulk.median > back.median : hosts < answers->first;
}

}  // namespace

GatewayWays find_ways(std::map<GatewayHosts, WaySamples>& samples) {
  Bulks bulks;
  for (auto& [hosts, one] : samples) bulks.emplace(hosts, bulk_of(std::move(one)));
  GatewayWays out;
  std::vector<const Bulks::value_type*> open;
  bool forward_seen = false;
  for (const auto& entry : bulks) {
    const auto forward = is_forward(bulks, entry.first, entry.second);
    if (!forward) {
      open.push_back(&entry);
    } else if (*forward) {
      forward_seen = true;
      out.forward_least = std::min(out.forward_least, entry.second.least);
    } else {
      out.backward_most = std::max(out.backward_most, entry.second.most);
      out.backward.push_back(entry.first);
    }
  }
  out.two_ways = forward_seen && !out.backward.empty();
  if (!out.two_ways) {  // one direction alone is taken for the right one
    out.backward.clear();
    for (const auto& [hosts, bulk] : bulks) out.forward_least = std::min(out.forward_least, bulk.least);
    return out;
  }
  const std::int64_t middle = out.forward_least / 2 + out.backward_most / 2;
  for (const auto* entry : open)
    if (entry->second.median < middle) out.backward.push_back(entry->first);
  std::sort(out.backward.begin(), out.backward.end());
  return out;
}

}  // namespace espdump
