#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/append.hpp"
#include "page/markup.hpp"
#include "page/pictures.hpp"
#include "report/ike_view.hpp"
#include "report/text_util.hpp"

namespace espdump {
namespace {

constexpr double width = 960, host_width = 210, row_height = 34, host_height = 52;
constexpr std::size_t most_pairs = 24, most_arrows = 12;

using Hosts = std::pair<IpAddress, IpAddress>;

// What is drawn between two hosts.
struct Pair {
  Hosts hosts;
  std::vector<const SaStatistics*> sas;
  std::vector<const IkeSa*> ike;
};

Hosts in_order(const IpAddress& one, const IpAddress& other) {
  return one < other ? Hosts{one, other} : Hosts{other, one};
}

// Hosts stand as the first SA or IKE SA between them has it: who began is on the left.
std::vector<Pair> pairs_of(const PageFacts& facts) {
  std::vector<Pair> out;
  std::map<Hosts, std::size_t> places;
  const auto pair = [&](const IpAddress& from, const IpAddress& to) -> Pair& {
    const auto [place, added] = places.try_emplace(in_order(from, to), out.size());
    if (added) out.push_back({{from, to}, {}, {}});
    return out[place->second];
  };
  for (const IkeSa* sa : facts.ike_sas) pair(sa->initiator, sa->responder).ike.push_back(sa);
  for (const SaStatistics& sa : facts.sas) pair(sa.source, sa.destination).sas.push_back(&sa);
  return out;
}

std::string sa_label(const SaStatistics& sa) {
  std::string out = fmt::format("#{} {} 0x{:08x}", sa.number, to_string(sa.protocol), sa.spi);
  if (sa.association != nullptr) out += fmt::format(" {}", to_string(sa.mode));
  if (sa.encapsulation != Encapsulation::none) out += sa.encapsulation == Encapsulation::udp ? " in UDP" : " in TCP";
  out += fmt::format(": {} packet{}", sa.packets, sa.packets == 1 ? "" : "s");
  const auto add = [&](std::uint64_t count, std::string_view word) {
    if (count != 0) out += fmt::format(", {} {}", count, word);
  };
  add(sa.icv_bad, "bad ICV");
  add(sa.replayed, "replayed");
  add(sa.stale, "late");
  if (sa.association != nullptr && sa.cut == 0) add(sa.lost, "lost");
  if (sa.association == nullptr) out += ", no keys";
  return out;
}

double arrow_width(const SaStatistics& sa) {
  return std::clamp(1 + std::log10(static_cast<double>(std::max<std::uint64_t>(sa.packets, 1))), 1.0, 6.0);
}

std::string identity(const Pair& pair, bool left) {
  for (const IkeSa* sa : pair.ike) {
    const auto& id = (sa->initiator == pair.hosts.first) == left ? sa->initiator_id : sa->responder_id;
    if (id) return *id;
  }
  return {};
}

bool has_nat(const Pair& pair, bool left) {
  return std::any_of(pair.ike.begin(), pair.ike.end(), [&](const IkeSa* sa) {
    return sa->nat.checked && ((sa->initiator == pair.hosts.first) == left ? sa->nat.initiator : sa->nat.responder);
  });
}

// As many characters as a host's box has room for.
std::string shortened(const std::string& text) {
  constexpr std::size_t most = 32;
  return text.size() <= most ? text : text.substr(0, most - 1) + "…";
}

void draw_host(Svg& svg, const Pair& pair, bool left, double top, double height) {
  const double x = left ? 0 : width - host_width;
  svg.rectangle(x + 0.5, top, host_width - 1, height, "host");
  svg.text(x + host_width / 2, top + 22, (left ? pair.hosts.first : pair.hosts.second).to_string(), "strong",
           Svg::Anchor::middle);
  if (const std::string id = identity(pair, left); !id.empty())
    svg.text(x + host_width / 2, top + 40, shortened(valid_utf8(id)), "label", Svg::Anchor::middle);
  if (!has_nat(pair, left)) return;
  const double at = left ? host_width + 8 : width - host_width - 46;
  svg.rectangle(at, top + 6, 38, 20, "nat", "the addresses that IKE's NAT detection saw differ from those sent");
  svg.text(at + 19, top + 20, "NAT", "label", Svg::Anchor::middle);
}

void draw_sa(Svg& svg, const Pair& pair, const SaStatistics& sa, double y) {
  const double left = host_width + 60, right = width - host_width - 60;
  const bool to_right = sa.source == pair.hosts.first;
  svg.begin_link(fmt::format("#sa-{}", sa.number), sa_label(sa));
  svg.arrow(to_right ? left : right, y, to_right ? right : left, arrow_width(sa),
            fmt::format("arrow {}", verdict_class(sa)));
  svg.text(width / 2, y - 6, sa_label(sa), "label", Svg::Anchor::middle);
  svg.end_link();
}

void draw_ike(Svg& svg, const IkeSa& sa, double y) {
  const double left = host_width + 60, right = width - host_width - 60;
  const std::string label =
      fmt::format("IKE {}: {}, {} messages", ike_sa_name(sa.number), to_string(sa.state), sa.messages);
  svg.begin_link(fmt::format("#ike-{}", sa.number), label);
  svg.line(left, y, right, y, sa.state == IkeState::failed || sa.state == IkeState::half_open ? "ike bad" : "ike");
  svg.text(width / 2, y - 6, label, "label", Svg::Anchor::middle);
  svg.end_link();
}

double height_of(const Pair& pair) {
  const std::size_t rows = std::min(pair.sas.size(), most_arrows) + std::min(pair.ike.size(), most_arrows) +
                           (pair.sas.size() > most_arrows || pair.ike.size() > most_arrows ? 1 : 0);
  return std::max(host_height, static_cast<double>(rows) * row_height);
}

void draw_pair(Svg& svg, const Pair& pair, double top) {
  const double height = height_of(pair);
  draw_host(svg, pair, true, top, height);
  draw_host(svg, pair, false, top, height);
  double y = top + row_height * 0.75;
  for (std::size_t i = 0; i < pair.ike.size() && i < most_arrows; ++i) {
    draw_ike(svg, *pair.ike[i], y);
    y += row_height;
  }
  for (std::size_t i = 0; i < pair.sas.size() && i < most_arrows; ++i) {
    draw_sa(svg, pair, *pair.sas[i], y);
    y += row_height;
  }
  const auto beyond = [](std::size_t count) { return count > most_arrows ? count - most_arrows : 0; };
  if (const std::size_t more = beyond(pair.sas.size()) + beyond(pair.ike.size()); more != 0)
    svg.text(width / 2, y - 6, fmt::format("… and {} more", more), "label", Svg::Anchor::middle);
}

}  // namespace

std::string_view verdict_class(const SaStatistics& sa) {
  if (sa.icv_bad + sa.replayed + sa.stale != 0) return "bad";
  if (sa.association == nullptr || !sa.key_error.empty() || (sa.lost != 0 && sa.cut == 0)) return "warn";
  return "good";
}

std::string draw_network(const PageFacts& facts) {
  const std::vector<Pair> pairs = pairs_of(facts);
  if (pairs.empty()) return {};
  const std::size_t drawn = std::min(pairs.size(), most_pairs);
  double height = 4;
  for (std::size_t i = 0; i < drawn; ++i) height += height_of(pairs[i]) + 14;
  Svg svg{
      width, height, "The network as seen",
      "Each row has two hosts and what passes between them: IKE SAs as lines, SAs as arrows. An arrow's width tells "
      "packets, its colour what became of them."};
  double top = 4;
  for (std::size_t i = 0; i < drawn; ++i) {
    draw_pair(svg, pairs[i], top);
    top += height_of(pairs[i]) + 14;
  }
  std::string out = svg.end();
  if (pairs.size() > drawn) append(out, "<p>… and {} more pairs of hosts.</p>", pairs.size() - drawn);
  return out;
}

}  // namespace espdump
