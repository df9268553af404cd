// A NAT keeps what it gave to a flow until it gives it something else: RFC 4787 section 4. So a mapping shows in
// packets in a row; single packets that go elsewhere are astray.
#include "analysis/gateway_addresses.hpp"

#include <fmt/core.h>

#include <set>

#include "base/append.hpp"

namespace espdump {
namespace {

constexpr std::uint64_t many = 8;  // packets in a row, or of a flow, are no accident
constexpr std::uint32_t nowhere = 0xffff'ffff;

}  // namespace

GatewayAddresses::Places::Places(const GatewaySide& side) {
  std::map<Ends, std::uint32_t> known;
  of_flow_.reserve(side.flows().size());
  for (const GatewayFlow& flow : side.flows()) {
    const auto next = static_cast<std::uint32_t>(ends_.size());
    const Ends ends{flow.source, flow.destination, flow.source_port, flow.destination_port,
                    flow.encapsulation == Encapsulation::tcp};
    const auto [at, is_new] = known.try_emplace(ends, next);
    if (is_new) ends_.push_back(ends);
    of_flow_.push_back(at->second);
  }
}

GatewayAddresses::GatewayAddresses(const GatewaySide& ingress, const GatewaySide& egress)
    : here_(ingress), there_(egress), latest_(here_.count(), nowhere) {}

void GatewayAddresses::learn(std::uint32_t in, std::uint32_t out) {
  const std::uint32_t from = here_.of(in), to = there_.of(out);
  Mapping& mapping = by_place_[{from, to}];
  ++mapping.packets;
  if (latest_[from] != to) {
    ++mapping.runs;
    mapping.latest_run = 0;
  }
  ++mapping.latest_run;
  latest_[from] = to;
  ++by_flow_[{in, to}];
}

void GatewayAddresses::count(std::unordered_map<std::uint32_t, Usual>& usual, std::uint32_t from, std::uint64_t packets,
                             std::uint32_t to) {
  Usual& most = usual[from];
  if (packets > most.first) most = {packets, to};
}

void GatewayAddresses::settle() {
  for (const auto& [places, mapping] : by_place_) count(usual_of_place_, places.first, mapping.packets, places.second);
  for (const auto& [places, packets] : by_flow_) count(usual_of_flow_, places.first, packets, places.second);
}

// Longer in a row, or another source from some packet to the last.
bool GatewayAddresses::is_rebinding(std::uint32_t from, std::uint32_t to) const {
  const Mapping& mapping = by_place_.at({from, to});
  if (mapping.packets >= many * mapping.runs) return true;
  const Ends &now = there_.ends(to), &usual = there_.ends(usual_of_place_.at(from).second);
  const bool same_target = std::get<1>(now) == std::get<1>(usual) && std::get<3>(now) == std::get<3>(usual);
  return same_target && latest_[from] == to && mapping.runs == 1 && mapping.packets > 1;
}

bool GatewayAddresses::is_usual(std::uint32_t in, std::uint32_t to) const {
  if (usual_of_place_.at(here_.of(in)).second == to) return true;
  const Usual& of_flow = usual_of_flow_.at(in);
  return of_flow.second == to && of_flow.first >= many;
}

std::string GatewayAddresses::fault(std::uint32_t in, std::uint32_t out) const {
  const std::uint32_t from = here_.of(in), to = there_.of(out);
  if (is_usual(in, to) || is_rebinding(from, to)) return {};
  return fmt::format("addresses {} become {} ({} in others)", text_of(here_.ends(from)), text_of(there_.ends(to)),
                     text_of(there_.ends(usual_of_place_.at(from).second)));
}

std::string GatewayAddresses::text_of(const Ends& ends) {
  const auto& [source, destination, source_port, destination_port, tcp] = ends;
  std::string out = source.to_string();
  if (source_port != 0) append(out, ".{}", source_port);
  append(out, " > {}", destination.to_string());
  if (destination_port != 0) append(out, ".{}", destination_port);
  return out;
}

std::vector<std::string> GatewayAddresses::notes() const {
  std::set<std::string> rewritten;
  const auto add = [&](std::uint32_t from, std::uint32_t to) {
    if (here_.ends(from) != there_.ends(to))
      rewritten.insert(
          fmt::format("addresses {} become {} (NAT)", text_of(here_.ends(from)), text_of(there_.ends(to))));
  };
  for (const auto& [places, mapping] : by_place_)
    if (usual_of_place_.at(places.first).second == places.second || is_rebinding(places.first, places.second))
      add(places.first, places.second);
  for (const auto& [flow, usual] : usual_of_flow_)
    if (usual.first >= many) add(here_.of(flow), usual.second);
  constexpr std::size_t most = 4;
  std::vector<std::string> out;
  for (const std::string& text : rewritten)
    if (out.size() < most) out.push_back(text);
  if (rewritten.size() > most) out.push_back(fmt::format("and {} more pairs of addresses", rewritten.size() - most));
  return out;
}

}  // namespace espdump
