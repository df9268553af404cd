#include "decode/quotations.hpp"

#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>

#include "base/mix.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t udp = 17;
constexpr std::size_t udp_header = 8;

// The addresses as they stand in the header, and the protocol behind it.
struct Header {
  Bytes addresses;
  std::uint8_t protocol = 0;
};
std::optional<Header> header_of(const Layer& ip) {
  if (ip.is(ProtocolKind::ipv4) && ip.header.size() >= 20) return Header{ip.header.subspan(12, 8), ip.header[9]};
  if (ip.is(ProtocolKind::ipv6) && ip.header.size() >= 40) return Header{ip.header.subspan(8, 32), ip.header[6]};
  return std::nullopt;
}

// The outermost IP header that is quoted; null: none is.
const Layer* quoted_ip(const Packet& packet) {
  for (const Layer& layer : packet.layers())
    if (layer.quoted && is_ip(layer)) return &layer;
  return nullptr;
}

}  // namespace

Quotations::Quotations() : log_(most), entered_(most), ports_(port_slots) {
  constexpr std::array<std::uint8_t, 10> purpose{'q', 'u', 'o', 't', 'a', 't', 'i', 'o', 'n', 's'};
  seed_ = keyed_hash(purpose);
}

// UDP headers of ESP are all alike, so that of UDP more is wanted. Not against somebody who chooses what comes in: a
// wrong frame number is all there is to gain.
std::optional<std::uint64_t> Quotations::key_of(const Packet& packet, const Layer& ip) const {
  const auto header = header_of(ip);
  if (!header) return std::nullopt;
  const std::size_t wanted = header->protocol == udp ? 16 : 8;
  if (ip.payload.size() < wanted) return std::nullopt;
  const std::uint64_t start = seed_ ^ (std::uint64_t{packet.file} << 8U | header->protocol);
  return mix(mix(start, header->addresses), ip.payload.first(wanted));
}

std::optional<std::uint64_t> Quotations::ports_key(const Packet& packet, const Layer& ip) const {
  const auto header = header_of(ip);
  if (!header || header->protocol != udp || ip.payload.size() < 4) return std::nullopt;
  return mix(mix(seed_ ^ packet.file, header->addresses), ip.payload.first(4));
}

void Quotations::remember(const Packet& packet) {
  for (const Layer& layer : packet.layers()) {
    if (layer.quoted || !is_ip(layer)) continue;
    if (const auto key = key_of(packet, layer)) log_[noted_++ % most] = {*key, packet.frame};
  }
  if (packet.ipsec().empty()) return;
  const OpenRecord& record = packet.ipsec().front();
  if (record.encapsulation != Encapsulation::udp || record.sa == 0) return;
  for (LayerIndex at = packet.layers()[record.layer].outer; at != no_layer; at = packet.layers()[at].outer) {
    if (!is_ip(packet.layers()[at])) continue;
    if (const auto key = ports_key(packet, packet.layers()[at])) ports_[*key % port_slots] = {*key, record.sa};
    return;
  }
}

void Quotations::catch_up() {
  if (noted_ - caught_up_ > most) caught_up_ = noted_ - most;
  for (; caught_up_ != noted_; ++caught_up_) {
    const Seen& seen = log_[caught_up_ % most];
    entered_[seen.key % most] = seen;
  }
}

FrameNumber Quotations::frame_of(const Packet& packet) {
  const Layer* ip = quoted_ip(packet);
  const auto key = ip == nullptr ? std::nullopt : key_of(packet, *ip);
  if (!key) return 0;
  catch_up();
  const Seen& seen = entered_[*key % most];
  return seen.key == *key && seen.frame != packet.frame ? seen.frame : 0;
}

SaNumber Quotations::sa_by_ports(const Packet& packet) const {
  const Layer* ip = quoted_ip(packet);
  if (ip == nullptr || ip->payload.size() > udp_header) return 0;
  const auto key = ports_key(packet, *ip);
  if (!key) return 0;
  const Ports& ports = ports_[*key % port_slots];
  return ports.key == *key ? ports.sa : 0;
}

}  // namespace espdump
