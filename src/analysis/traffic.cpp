// Reads addresses, protocol and ports off the layers that came out of ESP or AH, as _decode_session of Linux does.
#include "analysis/traffic.hpp"

#include <fmt/core.h>

#include <algorithm>

#include <espdump/wire/icmp.hpp>
#include <espdump/wire/icmpv6.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/ipv6_fragment.hpp>
#include <espdump/wire/names.hpp>
#include <espdump/wire/next_header.hpp>
#include <espdump/wire/sctp.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

namespace espdump {
namespace {

// The layer directly inside `outer`, or no_layer.
std::size_t inner_of(const Packet& packet, std::size_t outer) {
  const auto& layers = packet.layers();
  for (std::size_t index = outer + 1; index < layers.size(); ++index)
    if (layers[index].outer == outer) return index;
  return no_layer;
}

template <typename View>
bool take_ports(const Layer& layer, Traffic& out) {
  if (!is_of<View>(layer)) return false;
  if (const auto view = View::from(layer.header)) {
    out.source_port = view->source_port();
    out.destination_port = view->destination_port();
  }
  return true;
}

template <typename View>
bool take_type(const Layer& layer, Traffic& out) {
  if (!is_of<View>(layer)) return false;
  if (const auto view = View::from(layer.header)) {
    out.source_port = view->type();
    out.destination_port = view->code();
  }
  return true;
}

void take_upper(const Layer& layer, Traffic& out) {
  take_ports<wire::Tcp>(layer, out) || take_ports<wire::Udp>(layer, out) || take_ports<wire::Sctp>(layer, out) ||
      take_type<wire::Icmp>(layer, out) || take_type<wire::Icmpv6>(layer, out);
}

bool take_addresses(const Layer& layer, Traffic& out) {
  const auto v4 = is_of<wire::Ipv4>(layer) ? wire::Ipv4::from(layer.header) : std::nullopt;
  const auto v6 = is_of<wire::Ipv6>(layer) ? wire::Ipv6::from(layer.header) : std::nullopt;
  if (v4) {
    out.source = v4->source();
    out.destination = v4->destination();
    out.protocol = v4->protocol_number();
  } else if (v6) {
    out.source = v6->source();
    out.destination = v6->destination();
    out.protocol = v6->next_header();
  }
  return v4 || v6;
}

// From the IP layer at `index` inwards.
Traffic traffic_at(const Packet& packet, std::size_t index) {
  Traffic out;
  take_addresses(packet.layers()[index], out);
  std::size_t next = inner_of(packet, index);
  for (; next != no_layer && is_ipv6_extension(packet.layers()[next]); next = inner_of(packet, next))
    out.protocol = packet.layers()[next].header[0];
  // Of a fragment that was put together here, the whole packet follows: it belongs to the earlier ones, too.
  if (next != no_layer && packet.layers()[next].buffer == packet.layers()[index].buffer)
    take_upper(packet.layers()[next], out);
  return out;
}

}  // namespace

std::optional<Traffic> traffic_inside(const Packet& packet, const OpenRecord& record) {
  if (!record.next_header) return std::nullopt;
  std::size_t inner = inner_of(packet, record.layer);
  std::uint8_t protocol = *record.next_header;
  while (inner != no_layer && packet.layers()[inner].is(ProtocolKind::ipcomp)) {
    protocol = packet.layers()[inner].header[0];
    inner = inner_of(packet, inner);
  }
  Traffic out;
  if (inner != no_layer && take_addresses(packet.layers()[inner], out)) return traffic_at(packet, inner);
  std::size_t around = record.layer;
  while (around != no_layer && !take_addresses(packet.layers()[around], out)) around = packet.layers()[around].outer;
  if (around == no_layer) return std::nullopt;
  out.addresses_outside = true;
  out.protocol = protocol;
  if (inner != no_layer) take_upper(packet.layers()[inner], out);
  return out;
}

bool covers(const Selector& selector, const Traffic& traffic) {
  const auto fits = [](const std::optional<std::uint16_t>& wanted, const std::optional<std::uint16_t>& seen) {
    return !wanted || !seen || *wanted == *seen;
  };
  return selector.source.contains(traffic.source) && selector.destination.contains(traffic.destination) &&
         (selector.protocol == 0 || selector.protocol == traffic.protocol) &&
         fits(selector.source_port, traffic.source_port) && fits(selector.destination_port, traffic.destination_port);
}

bool is_covered(const SecurityAssociation& sa, const Traffic& traffic) {
  if (sa.selector) return covers(*sa.selector, traffic);
  return std::any_of(sa.policies.begin(), sa.policies.end(),
                     [&](const Selector& policy) { return covers(policy, traffic); });
}

namespace {

bool is_everything(const Selector& selector) {
  return selector.source.length == 0 && selector.destination.length == 0 && selector.protocol == 0;
}

}  // namespace

bool names_traffic(const SecurityAssociation& sa) {
  if (sa.selector) return !is_everything(*sa.selector);
  return !std::all_of(sa.policies.begin(), sa.policies.end(), is_everything);
}

void for_each_named(const SecurityAssociation& sa, const std::function<void(const Selector&)>& take) {
  for (const Selector& selector : sa.selector ? std::span{&*sa.selector, 1} : std::span{sa.policies})
    if (!is_everything(selector)) take(selector);
}

bool is_covered_around(const SecurityAssociation& sa, const OpenRecord& record) {
  using namespace wire::next_header;
  if (sa.mode != SaMode::transport || !record.next_header) return false;
  return (*record.next_header == ipv4 || *record.next_header == ipv6) &&
         is_covered(sa, {record.source, record.destination, *record.next_header, {}, {}, true});
}

bool was_opened(const OpenRecord& record) {
  return record.decrypted && record.icv != IcvVerdict::bad && record.replay != ReplayVerdict::capture_duplicate;
}

bool is_covered_further_in(const Packet& packet, const OpenRecord& record, const SecurityAssociation& sa) {
  const auto is_inside = [&](std::size_t layer) {
    while (layer != no_layer && layer != record.layer) layer = packet.layers()[layer].outer;
    return layer == record.layer;
  };
  return std::any_of(packet.ipsec().begin(), packet.ipsec().end(), [&](const OpenRecord& other) {
    if (other.layer == record.layer || !was_opened(other) || !is_inside(other.layer)) return false;
    const std::optional<Traffic> traffic = traffic_inside(packet, other);
    return traffic && is_covered(sa, *traffic);
  });
}

namespace {

std::string protocol_text(std::uint8_t protocol) {
  const std::string_view name = wire::ip_protocol_name(protocol);
  return name.empty() ? fmt::format("protocol {}", protocol) : std::string{name};
}

std::string ports_text(std::uint8_t protocol, const std::optional<std::uint16_t>& source,
                       const std::optional<std::uint16_t>& destination) {
  using namespace wire::next_header;
  const auto one = [](const std::optional<std::uint16_t>& port) { return port ? fmt::format("{}", *port) : "any"; };
  if (!source && !destination) return {};
  const bool has_types = protocol == icmp || protocol == icmpv6;
  return has_types ? fmt::format(" type {} code {}", one(source), one(destination))
                   : fmt::format(" {} > {}", one(source), one(destination));
}

}  // namespace

std::string to_string(const Traffic& traffic) {
  return fmt::format("{} > {} {}{}", traffic.source.to_string(), traffic.destination.to_string(),
                     protocol_text(traffic.protocol),
                     ports_text(traffic.protocol, traffic.source_port, traffic.destination_port));
}

std::string to_string(const Selector& selector) {
  const std::string protocol = selector.protocol == 0 ? "" : " " + protocol_text(selector.protocol);
  return fmt::format("{} > {}{}{}", selector.source.to_string(), selector.destination.to_string(), protocol,
                     ports_text(selector.protocol, selector.source_port, selector.destination_port));
}

}  // namespace espdump
