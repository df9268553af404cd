// Finding the IP header around a layer, and taking from it what unwrapping needs.
#include "decode/ip_layer.hpp"

#include <espdump/wire/ah.hpp>
#include <espdump/wire/esp.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/ipv6_fragment.hpp>

#include "base/mix.hpp"
#include "base/packet_hash.hpp"

namespace espdump {
namespace {

constexpr std::uint32_t linux_cooked_v1 = 113;

std::size_t offset_in_buffer(const Packet& packet, const Layer& layer) {
  return static_cast<std::size_t>(layer.header.data() - packet.buffers()[layer.buffer].bytes.data());
}

void read_v4(const wire::Ipv4& v4, IpLayer& out) {
  out.source = v4.source();
  out.destination = v4.destination();
  out.facts = {true, v4.tos(), v4.ttl(), v4.id(), v4.flags_and_offset(), 0};
  out.next_header_offset = wire::Ipv4::protocol_offset;
}

void read_v6(const wire::Ipv6& v6, IpLayer& out) {
  out.source = v6.source();
  out.destination = v6.destination();
  out.facts = {false, v6.traffic_class(), v6.hop_limit(), 0, 0, v6.flow_label()};
  out.next_header_offset = wire::Ipv6::next_header_offset;
}

}  // namespace

Bytes whole_layer(const Packet& packet, const Layer& layer) {
  return packet.buffers()[layer.buffer].bytes.subspan(offset_in_buffer(packet, layer),
                                                      layer.header.size() + layer.payload.size());
}

std::uint8_t nesting_of(const Packet& packet, std::size_t layer) {
  std::uint8_t depth = 0;
  for (std::size_t index = layer; index != no_layer; index = packet.layers()[index].outer) {
    const Layer& around = packet.layers()[index];
    if (around.is(ProtocolKind::esp) || around.is(ProtocolKind::ah)) ++depth;
  }
  return depth;
}

std::optional<IpLayer> find_ip_layer(const Packet& packet, std::size_t layer) {
  const auto& layers = packet.layers();
  std::size_t index = layer;
  while (index != no_layer && !is_ip(layers[index])) index = layers[index].outer;
  if (index == no_layer) return std::nullopt;
  std::optional<IpLayer> found;  // filled in its place, as Packet::add_layer() has it done
  IpLayer& out = found.emplace();
  out.index = index;
  const Layer& ip = layers[index];
  if (ip.is(ProtocolKind::ipv4)) {
    const auto v4 = wire::Ipv4::from(ip.header);
    if (!v4) return std::nullopt;
    read_v4(*v4, out);
  } else {
    const auto v6 = wire::Ipv6::from(ip.header);
    if (!v6) return std::nullopt;
    read_v6(*v6, out);
  }
  std::size_t size = ip.header.size();
  for (std::size_t next = index + 1; next < layer && is_ipv6_extension(layers[next]); ++next) {
    out.next_header_offset = size;
    size += layers[next].header.size();
  }
  out.headers = packet.buffers()[ip.buffer].bytes.subspan(offset_in_buffer(packet, ip), size);
  return found;
}

std::optional<Fragment> fragment_of(const Packet& packet, std::size_t layer, const IpLayer& ip, std::uint8_t scope) {
  const Layer& last = packet.layers()[layer];
  Fragment out;
  out.key = {ip.source, ip.destination, 0, 0, scope};
  if (const auto v4 = wire::Ipv4::from(last.header); v4 && last.is(ProtocolKind::ipv4)) {
    out.key.id = v4->id();
    out.key.protocol = v4->protocol_number();
    out.piece = {v4->fragment_offset(), v4->more_fragments(),  last.header,
                 last.payload,          v4->protocol_number(), last.cut()};
    return out;
  }
  const auto v6 = wire::Ipv6Fragment::from(last.header);
  if (!v6 || !is_of<wire::Ipv6Fragment>(last)) return std::nullopt;
  out.key.id = v6->id();
  out.piece = {v6->offset(), v6->more(), ip.headers, last.payload, v6->next_header(), last.cut()};
  return out;
}

Sighting sighting_of(const Packet& packet, const IpLayer& ip, Bytes bytes, std::size_t length, std::uint32_t sequence) {
  Sighting out;
  out.digest = packet_hash(bytes);
  out.frame = packet.frame;
  out.time = packet.time.nanoseconds;
  out.sequence = sequence;
  out.file = packet.file;
  out.any_device = packet.link_type == linux_cooked_v1;
  out.ttl = ip.facts.ttl;
  out.ip_id = ip.facts.id;
  // The link below the outermost IP header; that of an inner packet says nothing about the capture.
  for (const Layer& layer : packet.layers()) {
    if (!is_ip(layer)) continue;
    const Bytes frame = packet.buffers()[0].bytes;
    const std::size_t link_size = layer.buffer == 0 ? offset_in_buffer(packet, layer) : 0;
    out.link = mix(mix(mix(link_size, frame.first(link_size)), packet.interface), length);
    break;
  }
  return out;
}

}  // namespace espdump
