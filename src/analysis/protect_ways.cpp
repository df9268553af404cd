// TTL (RFC 791) and hop limit go down by one in a gateway that routes, before it encrypts and after it decrypts.
#include "analysis/protect_ways.hpp"

#include <algorithm>

namespace espdump {
namespace {

constexpr std::int64_t millisecond = 1'000'000, second = 1'000'000'000;
constexpr std::int64_t same_clock = second;              // hosts that set their clocks agree to far less
constexpr std::int64_t least_offset = 10 * millisecond;  // where both ways show it

bool says_something(const SecurityAssociation* sa) { return sa != nullptr && names_traffic(*sa); }

bool names_ports(const SecurityAssociation& sa) {
  const auto has = [](const Selector& one) { return one.source_port || one.destination_port; };
  return (sa.selector && has(*sa.selector)) || std::any_of(sa.policies.begin(), sa.policies.end(), has);
}

std::optional<std::int64_t> median(std::vector<std::int64_t> values) {
  if (values.empty()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

ProtectWay way_of(std::int64_t value) {
  return value > 0 ? ProtectWay::leaves : value < 0 ? ProtectWay::enters : ProtectWay::unknown;
}

ProtectWay heavier(const std::optional<ProtectWay>& one, ProtectWay other) {
  if (!one || *one == other) return other;
  for (const ProtectWay way : {ProtectWay::leaves, ProtectWay::unknown})
    if (*one == way || other == way) return way;
  return other;
}

}  // namespace

Traffic traffic_of(const ProtectSide& side, const ProtectPacket& packet) {
  const ClearHosts& hosts = side.hosts()[packet.hosts];
  Traffic out{hosts.source, hosts.destination, hosts.protocol, {}, {}, false};
  if (packet.has_ports) {
    out.source_port = packet.source_port;
    out.destination_port = packet.destination_port;
  }
  return out;
}

ProtectWays::ProtectWays(const ProtectSide& plain, const ProtectSide& outer, const Keystore& keystore)
    : plain_(plain), outer_(outer), keystore_(keystore), flows_(outer.flows().size(), ProtectWay::unknown) {
  learn_ends();
}

void ProtectWays::learn_ends() {
  using Key = std::pair<std::pair<IpAddress, IpAddress>, std::uint32_t>;
  std::set<Key> outer;
  for (const ProtectFlow& flow : outer_.flows()) {
    outer.insert({{flow.source, flow.destination}, flow.spi});
    ends_.insert({flow.source, flow.destination});
    ends_.insert({flow.destination, flow.source});
  }
  for (const ProtectFlow& flow : plain_.flows())
    tunnels_.push_back(outer.count({{flow.source, flow.destination}, flow.spi}) != 0);
}

bool ProtectWays::is_tunnel(const ProtectPacket& packet) const {
  if (packet.esp != no_packet && tunnels_[plain_.esp()[packet.esp].flow]) return true;
  constexpr std::uint8_t udp = 17;
  const ClearHosts& hosts = plain_.hosts()[packet.hosts];
  return hosts.protocol == udp && packet.has_ports &&
         (is_ike_port(packet.source_port) || is_ike_port(packet.destination_port)) &&
         ends_.count({hosts.source, hosts.destination}) != 0;
}

void ProtectWays::learn(const std::vector<ProtectMatch>& matches) {
  const Votes votes = count(matches);
  choose_flows(votes);
  choose_by_time(votes);
  choose_by_addresses();
  measure(votes);
  learn_hosts(matches);
  learn_associations();
}

ProtectWays::Votes ProtectWays::count(const std::vector<ProtectMatch>& matches) const {
  Votes out;
  for (const ProtectMatch& match : matches) {
    if (match.is_clear) continue;
    const ProtectPacket& plain = plain_.clear()[match.plain];
    const ProtectPacket& opened = outer_.opened()[match.other];
    Vote& vote = out[outer_.esp()[opened.esp].flow];
    vote.ttl += plain.ttl > opened.ttl ? 1 : plain.ttl < opened.ttl ? -1 : 0;
    vote.differences.push_back(opened.time - plain.time);
  }
  return out;
}

void ProtectWays::choose_flows(const Votes& votes) {
  for (const auto& [flow, vote] : votes) {
    // Where few of many say so, it is something else that changes TTLs.
    const auto all = static_cast<std::int64_t>(vote.differences.size());
    if (2 * std::abs(vote.ttl) > all) flows_[flow] = way_of(vote.ttl);
  }
}

// Between two ends the packets that seem to need longer leave; those that seem to arrive before they are sent enter.
void ProtectWays::choose_by_time(const Votes& votes) {
  using Ends = std::pair<IpAddress, IpAddress>;
  std::map<Ends, std::vector<std::int64_t>> needed;
  for (const auto& [flow, vote] : votes) {
    auto& list = needed[{outer_.flows()[flow].source, outer_.flows()[flow].destination}];
    list.insert(list.end(), vote.differences.begin(), vote.differences.end());
  }
  std::map<Ends, std::int64_t> usual;
  for (auto& [ends, list] : needed) usual[ends] = *median(std::move(list));
  for (const auto& [flow, vote] : votes) {
    if (flows_[flow] != ProtectWay::unknown) continue;
    const ProtectFlow& it = outer_.flows()[flow];
    const std::int64_t here = usual[{it.source, it.destination}];
    const auto back = usual.find({it.destination, it.source});
    if (back != usual.end())
      flows_[flow] = way_of(here - back->second);
    else if (std::abs(here) < same_clock)
      flows_[flow] = way_of(here);
  }
}

void ProtectWays::choose_by_addresses() {
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i] == ProtectWay::leaves) gateways_.insert(outer_.flows()[i].source);
    if (flows_[i] == ProtectWay::enters) gateways_.insert(outer_.flows()[i].destination);
  }
  for (std::size_t i = 0; i < flows_.size(); ++i) {
    if (flows_[i] != ProtectWay::unknown) continue;
    const bool out = gateways_.count(outer_.flows()[i].source) != 0;
    const bool in = gateways_.count(outer_.flows()[i].destination) != 0;
    if (out != in) flows_[i] = out ? ProtectWay::leaves : ProtectWay::enters;
  }
}

void ProtectWays::measure(const Votes& votes) {
  std::vector<std::int64_t> out, in;
  for (const auto& [flow, vote] : votes) {
    auto& list = flows_[flow] == ProtectWay::enters ? in : out;
    list.insert(list.end(), vote.differences.begin(), vote.differences.end());
  }
  const auto there = median(out), back = median(in);
  if (there && back)
    offset_ = *back + (*there - *back) / 2;
  else
    offset_ = there.value_or(back.value_or(0));
  if (std::abs(offset_) < (there && back ? least_offset : same_clock)) offset_ = 0;
  for (const std::int64_t one : out) slowest_ = std::max(slowest_, std::abs(one - offset_));
  slowest_ = std::min(slowest_, second);
}

ProtectWay ProtectWays::of_clear(const ProtectMatch& match) const {
  const ProtectPacket& plain = plain_.clear()[match.plain];
  const ProtectPacket& other = outer_.clear()[match.other];
  const ProtectWay by_ttl = way_of(std::int64_t{plain.ttl} - other.ttl);
  return by_ttl != ProtectWay::unknown ? by_ttl : way_of(other.time - plain.time - offset_);
}

void ProtectWays::learn_hosts(const std::vector<ProtectMatch>& matches) {
  const auto note = [&](const ClearHosts& hosts, ProtectWay way) {
    if (way == ProtectWay::unknown || hosts.destination.is_multicast()) return;
    inside_.insert(way == ProtectWay::leaves ? hosts.source : hosts.destination);
    beyond_.insert(way == ProtectWay::leaves ? hosts.destination : hosts.source);
  };
  for (const ProtectMatch& match : matches) {
    if (match.is_clear) continue;
    const ProtectPacket& plain = plain_.clear()[match.plain];
    const std::uint32_t flow = outer_.esp()[outer_.opened()[match.other].esp].flow;
    note(plain_.hosts()[plain.hosts], flows_[flow]);
    const ClearHosts& hosts = plain_.hosts()[plain.hosts];
    const SecurityAssociation* sa = outer_.flows()[flow].association;
    // Transport mode around another tunnel says what that is for, not what is in it.
    const bool is_around = sa != nullptr && sa->mode == SaMode::transport && hosts.source != sa->source;
    if (says_something(sa) && !is_around) continue;
    if (flows_[flow] == ProtectWay::enters)
      encrypted_.insert({hosts.destination, hosts.source});
    else
      encrypted_.insert({hosts.source, hosts.destination});
  }
  if (!inside_.empty()) return;
  for (const ProtectMatch& match : matches)  // nothing was encrypted
    if (match.is_clear) note(plain_.hosts()[plain_.clear()[match.plain].hosts], of_clear(match));
}

void ProtectWays::learn_associations() {
  std::map<const SecurityAssociation*, ProtectWay> ways;
  for (const SecurityAssociation& sa : keystore_.associations()) ways[&sa];
  for (std::size_t i = 0; i < flows_.size(); ++i) {  // IKE made some of them known
    const SecurityAssociation* sa = outer_.flows()[i].association;
    if (sa == nullptr) continue;
    ProtectWay& way = ways[sa];
    if (flows_[i] != ProtectWay::unknown) way = flows_[i];
  }
  for (auto [sa, way] : ways) {
    const bool out = gateways_.count(sa->source) != 0, in = gateways_.count(sa->destination) != 0;
    if (way == ProtectWay::unknown && out != in) way = out ? ProtectWay::leaves : ProtectWay::enters;
    choose(*sa, way);
  }
}

// Of SAs with one selector one that leaves counts most, one that enters least.
void ProtectWays::choose(const SecurityAssociation& sa, ProtectWay way) {
  if (sa.protocol != IpsecProtocol::esp || !says_something(&sa)) return;
  by_ports_ = by_ports_ || names_ports(sa);
  for_each_named(sa, [&](const Selector& selector) {
    std::optional<ProtectWay>& known = chosen_[selector];
    known = heavier(known, way);
  });
}

std::optional<ProtectWay> ProtectWays::find_selected_way(const Traffic& traffic) const {
  std::optional<ProtectWay> out;
  chosen_.any_covering(traffic, [&](const std::optional<ProtectWay>& way) {
    out = heavier(out, *way);
    return out == ProtectWay::leaves;
  });
  return out;
}

std::optional<ProtectWay> ProtectWays::selected_way(const ProtectSide& side, const ProtectPacket& packet) const {
  if (by_ports_) return find_selected_way(traffic_of(side, packet));
  const auto [known, is_new] = known_.try_emplace({&side, packet.hosts});
  if (is_new) known->second = find_selected_way(traffic_of(side, packet));
  return known->second;
}

ProtectWay ProtectWays::of(const ProtectSide& side, const ProtectPacket& packet) const {
  const ClearHosts& hosts = side.hosts()[packet.hosts];
  const bool from_inside = inside_.count(hosts.source) != 0, to_inside = inside_.count(hosts.destination) != 0;
  if (from_inside != to_inside) return from_inside ? ProtectWay::leaves : ProtectWay::enters;
  const bool from_beyond = beyond_.count(hosts.source) != 0, to_beyond = beyond_.count(hosts.destination) != 0;
  if (from_beyond != to_beyond) return from_beyond ? ProtectWay::enters : ProtectWay::leaves;
  return selected_way(side, packet).value_or(ProtectWay::unknown);
}

bool ProtectWays::is_selected(const ProtectSide& side, const ProtectPacket& packet) const {
  const auto way = selected_way(side, packet);
  return way && *way != ProtectWay::enters;
}

bool ProtectWays::is_for_us(const ProtectSide& side, const ProtectPacket& packet) const {
  return selected_way(side, packet) == ProtectWay::enters;
}

bool ProtectWays::is_ours(const ProtectSide& side, const ProtectPacket& packet) const {
  const ClearHosts& hosts = side.hosts()[packet.hosts];
  return encrypted_.count({hosts.source, hosts.destination}) != 0 || is_selected(side, packet);
}

bool ProtectWays::fits(std::uint32_t flow, const ProtectSide& side, const ProtectPacket& packet) const {
  const SecurityAssociation* sa = outer_.flows()[flow].association;
  return !says_something(sa) || is_covered(*sa, traffic_of(side, packet));
}

}  // namespace espdump
