// Reading endpoints and essentials off the layers of a packet.
#include "report/packet_view.hpp"

#include <espdump/dissector.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/sctp.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

namespace espdump {
namespace {

bool is_ip(const Layer& layer) {
  return layer.protocol->name == wire::Ipv4::protocol || layer.protocol->name == wire::Ipv6::protocol;
}
bool is_extension(const Layer& layer) { return layer.protocol->name.substr(0, 5) == "ipv6_"; }

constexpr std::uint8_t dummy_packet = 59;  // RFC 4303 section 2.6: carries nothing

std::string protocol_name(std::uint8_t number) {
  static const ClaimTable claims;
  const Dissector* dissector = claims.find({Space::ip_protocol, number});
  return dissector != nullptr ? std::string{dissector->name} : std::to_string(number);
}

template <typename View>
bool take_ports(const Layer& layer, Endpoints& out) {
  if (layer.protocol->name != View::protocol) return false;
  if (const auto view = View::from(layer.header)) {
    out.source_port = view->source_port();
    out.destination_port = view->destination_port();
  }
  return true;
}

void take_addresses(const Layer& layer, Endpoints& out) {
  out.length = layer.header.size() + layer.payload_claimed;
  if (const auto v4 = wire::Ipv4::from(layer.header); v4 && layer.protocol->name == wire::Ipv4::protocol) {
    out.source = v4->source();
    out.destination = v4->destination();
    out.protocol = protocol_name(v4->protocol_number());
  } else if (const auto v6 = wire::Ipv6::from(layer.header)) {
    out.source = v6->source();
    out.destination = v6->destination();
    out.protocol = protocol_name(v6->next_header());
  }
}

// Reads the IP layer at `index`, and what stands behind it, up to `end`.
Endpoints endpoints_at(const Packet& packet, std::size_t index, std::size_t end) {
  Endpoints out;
  take_addresses(packet.layers()[index], out);
  for (std::size_t next = index + 1; next < end; ++next) {
    const Layer& layer = packet.layers()[next];
    if (is_extension(layer)) continue;
    if (is_ip(layer) && layer.buffer != packet.layers()[index].buffer) break;  // the same packet, reassembled
    out.protocol = layer.protocol->name;
    take_ports<wire::Tcp>(layer, out) || take_ports<wire::Udp>(layer, out) || take_ports<wire::Sctp>(layer, out);
    break;
  }
  return out;
}

// The payload of a transport mode packet: addresses of the IP header outside, the rest from behind the ESP layer.
Endpoints transport_endpoints(const Packet& packet, const OpenRecord& record) {
  Endpoints out;
  const auto& layers = packet.layers();
  std::size_t headers = 0;
  for (std::size_t index = layers[record.layer].outer; index != no_layer; index = layers[index].outer) {
    if (is_extension(layers[index])) headers += layers[index].header.size();
    if (!is_ip(layers[index])) continue;
    take_addresses(layers[index], out);
    headers += layers[index].header.size();
    break;
  }
  out.protocol = protocol_name(record.next_header.value_or(0));
  std::size_t first = std::size_t{record.layer} + 1;
  while (first + 1 < layers.size() && layers[first].protocol->name == "ipcomp") ++first;
  if (first >= layers.size()) return out;
  if (first != std::size_t{record.layer} + 1) out.protocol = layers[first].protocol->name;
  const Layer& layer = layers[first];
  out.length = headers + layer.header.size() + layer.payload_claimed;
  take_ports<wire::Tcp>(layer, out) || take_ports<wire::Udp>(layer, out) || take_ports<wire::Sctp>(layer, out);
  return out;
}

Endpoints endpoints_behind(const Packet& packet, const OpenRecord& record) {
  const auto& layers = packet.layers();
  for (std::size_t index = layers.size(); index-- > std::size_t{record.layer} + 1;)
    if (is_ip(layers[index]) && !layers[index].quoted) return endpoints_at(packet, index, layers.size());
  return transport_endpoints(packet, record);
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
  if (opened == nullptr || opened->next_header == dummy_packet) return std::nullopt;
  return endpoints_behind(packet, *opened);
}

std::optional<Endpoints> behind_ah(const Packet& packet) {
  if (packet.ipsec().empty()) return std::nullopt;
  return endpoints_behind(packet, packet.ipsec().back());
}

std::string brief_of(const Packet& packet) {
  const auto& layers = packet.layers();
  std::string out;
  for (std::size_t index = layers.size(); index-- > 0 && out.empty();) {
    const Dissector& dissector = dissector_of(layers[index]);
    if (layers[index].quoted || dissector.brief == nullptr) continue;
    dissector.brief(layers[index], out);
  }
  if (packet.quoted_ipsec) {
    const QuotedIpsec& quoted = *packet.quoted_ipsec;
    out += quoted.sa != 0 ? ", about #" + std::to_string(quoted.sa) + " seq " + std::to_string(quoted.sequence) : "";
  }
  return out;
}

}  // namespace espdump
