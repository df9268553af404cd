// Reading endpoints and essentials off the layers of a packet.
#include "report/packet_view.hpp"

#include <espdump/dissector.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/names.hpp>
#include <espdump/wire/next_header.hpp>
#include <espdump/wire/sctp.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

#include <algorithm>

#include "report/ike_brief.hpp"

namespace espdump {
namespace {

void take_protocol(const Protocol& protocol, Endpoints& out) {
  out.protocol = protocol.name;
  out.title = protocol.title;
}

void take_protocol(std::uint8_t number, Endpoints& out) {
  static const ClaimTable claims;
  if (const Dissector* dissector = claims.find({Space::ip_protocol, number})) return take_protocol(*dissector, out);
  const std::string_view name = wire::ip_protocol_name(number);
  out.protocol = std::to_string(number);
  out.title = name.empty() ? "protocol " + out.protocol : std::string{name};
}

template <typename View>
bool take_ports(const Layer& layer, Endpoints& out) {
  if (!is_of<View>(layer)) return false;
  if (const auto view = View::from(layer.header)) {
    out.source_port = view->source_port();
    out.destination_port = view->destination_port();
  }
  return true;
}

// The number of the protocol behind the IP header.
std::uint8_t take_addresses(const Layer& layer, Endpoints& out) {
  out.length = layer.header.size() + layer.payload_claimed;
  if (const auto v4 = wire::Ipv4::from(layer.header); v4 && layer.is(ProtocolKind::ipv4)) {
    out.source = v4->source();
    out.destination = v4->destination();
    return v4->protocol_number();
  }
  const auto v6 = wire::Ipv6::from(layer.header);
  if (!v6) return wire::next_header::none;
  out.source = v6->source();
  out.destination = v6->destination();
  return v6->next_header();
}

// Reads the IP layer at `index`, and what stands behind it, up to `end`.
Endpoints endpoints_at(const Packet& packet, std::size_t index, std::size_t end) {
  Endpoints out;
  const std::uint8_t protocol = take_addresses(packet.layers()[index], out);
  std::size_t next = index + 1;
  while (next < end && is_ipv6_extension(packet.layers()[next])) ++next;
  const Layer* behind = next < end ? &packet.layers()[next] : nullptr;
  const bool same_packet =  // reassembled
      behind != nullptr && is_ip(*behind) && behind->buffer != packet.layers()[index].buffer;
  if (behind == nullptr || same_packet) {
    take_protocol(protocol, out);
    return out;
  }
  take_protocol(*behind->protocol, out);
  take_ports<wire::Tcp>(*behind, out) || take_ports<wire::Udp>(*behind, out) || take_ports<wire::Sctp>(*behind, out);
  return out;
}

// Behind the last layer that came out of layer `index`: what is inside a layer follows it without a break.
std::size_t end_of(const Packet& packet, std::size_t index) {
  const auto& layers = packet.layers();
  std::size_t end = index + 1;
  while (end < layers.size() && layers[end].outer != no_layer && layers[end].outer >= index) ++end;
  return end;
}

// The payload of a transport mode packet: addresses of the IP header outside, the rest from behind the ESP layer.
Endpoints transport_endpoints(const Packet& packet, const OpenRecord& record) {
  Endpoints out;
  const auto& layers = packet.layers();
  std::size_t headers = 0;
  for (std::size_t index = layers[record.layer].outer; index != no_layer; index = layers[index].outer) {
    if (is_ipv6_extension(layers[index])) headers += layers[index].header.size();
    if (!is_ip(layers[index])) continue;
    take_addresses(layers[index], out);
    headers += layers[index].header.size();
    break;
  }
  take_protocol(record.next_header.value_or(0), out);
  const std::size_t end = end_of(packet, record.layer);
  std::size_t first = std::size_t{record.layer} + 1;
  while (first + 1 < end && layers[first].is(ProtocolKind::ipcomp)) ++first;
  if (first >= end) return out;
  if (first != std::size_t{record.layer} + 1) take_protocol(*layers[first].protocol, out);
  const Layer& layer = layers[first];
  out.length = headers + layer.header.size() + layer.payload_claimed;
  take_ports<wire::Tcp>(layer, out) || take_ports<wire::Udp>(layer, out) || take_ports<wire::Sctp>(layer, out);
  return out;
}

std::optional<Endpoints> endpoints_behind(const Packet& packet, const OpenRecord& record) {
  const auto& layers = packet.layers();
  const std::size_t end = end_of(packet, record.layer);
  for (std::size_t index = end; index-- > std::size_t{record.layer} + 1;)
    if (is_ip(layers[index]) && !layers[index].quoted) return endpoints_at(packet, index, end);
  if (record.next_header == wire::next_header::aggfrag) return std::nullopt;
  return transport_endpoints(packet, record);
}

std::optional<Endpoints> endpoints_inside(const Packet& packet, const OpenRecord* opened) {
  if (opened == nullptr || opened->next_header == wire::next_header::none) return std::nullopt;
  return endpoints_behind(packet, *opened);
}

// ", about #1 seq 5, frame 10"
std::string quotation_text(const Packet& packet) {
  std::string out;
  if (packet.quoted_ipsec && packet.quoted_ipsec->sa != 0) {
    const QuotedIpsec& quoted = *packet.quoted_ipsec;
    out = ", about #" + std::to_string(quoted.sa);
    out += quoted.by_ports ? " by its ports" : " seq " + std::to_string(quoted.sequence);
  }
  if (packet.quoted_frame != 0)
    out += (out.empty() ? ", about frame " : ", frame ") + std::to_string(packet.quoted_frame);
  return out;
}

std::string brief_between(const Packet& packet, std::size_t first, std::size_t end) {
  const auto& layers = packet.layers();
  std::string out;
  for (std::size_t index = end; index-- > first && out.empty();) {
    const Dissector& dissector = dissector_of(layers[index]);
    if (layers[index].quoted || dissector.brief == nullptr) continue;
    if (const auto ike = ike_brief(packet, index, end))
      out = *ike;
    else
      dissector.brief(layers[index], out);
  }
  return out + quotation_text(packet);
}

}  // namespace

std::optional<Endpoints> outer_endpoints(const Packet& packet) {
  const auto& layers = packet.layers();
  for (std::size_t index = 0; index < layers.size(); ++index)
    if (is_ip(layers[index])) return endpoints_at(packet, index, layers.size());
  return std::nullopt;
}

std::optional<Endpoints> inner_endpoints(const Packet& packet) {
  const OpenRecord* opened = nullptr;
  for (const OpenRecord& record : packet.ipsec())
    if (record.decrypted) opened = &record;
  return endpoints_inside(packet, opened);
}

std::optional<Endpoints> inner_endpoints(const Packet& packet, const std::vector<const OpenRecord*>& nested) {
  const OpenRecord* opened = nullptr;
  for (const OpenRecord* record : nested)
    if (record->decrypted) opened = record;
  return endpoints_inside(packet, opened);
}

std::optional<Endpoints> behind_ah(const Packet& packet) {
  if (packet.ipsec().empty()) return std::nullopt;
  return endpoints_behind(packet, packet.ipsec().back());
}

std::string brief_of(const Packet& packet) { return brief_between(packet, 0, packet.layers().size()); }

std::string brief_of(const Packet& packet, const OpenRecord& record) {
  return brief_between(packet, record.layer, end_of(packet, record.layer));
}

std::vector<const OpenRecord*> nested_records(const Packet& packet, const OpenRecord& innermost) {
  if (packet.ipsec().size() == 1) return {&innermost};
  std::vector<LayerIndex> around;
  for (LayerIndex index = innermost.layer; index != no_layer; index = packet.layers()[index].outer)
    around.push_back(index);
  std::vector<const OpenRecord*> out;
  for (const OpenRecord& record : packet.ipsec())
    if (std::find(around.begin(), around.end(), record.layer) != around.end()) out.push_back(&record);
  return out;
}

bool is_reassembled(const Packet& packet, const OpenRecord& record) {
  const auto& layers = packet.layers();
  for (std::size_t index = end_of(packet, record.layer) - 1; index != no_layer; index = layers[index].outer) {
    const Origin origin = packet.buffers()[layers[index].buffer].origin;
    if (origin == Origin::reassembled || origin == Origin::segments || origin == Origin::aggregated) return true;
  }
  return false;
}

std::size_t packets_side_by_side(const Packet& packet) {
  const auto& layers = packet.layers();
  std::size_t count = 0;
  for (std::size_t index = 0; index < layers.size(); ++index)
    count += index + 1 == layers.size() || layers[index + 1].outer != index ? 1 : 0;
  return count;
}

}  // namespace espdump
