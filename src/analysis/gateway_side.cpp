// Packets become records: RFC 4303's fields, what of the outer header must not change, and hashes to know them again.
#include "analysis/gateway_side.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include <espdump/codes.hpp>
#include <espdump/wire/esp.hpp>
#include <espdump/wire/icmp.hpp>
#include <espdump/wire/icmpv6.hpp>
#include <espdump/wire/ikev2.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

#include "analysis/routed_header.hpp"
#include "base/checksum.hpp"
#include "base/packet_hash.hpp"

namespace espdump {
namespace {

constexpr std::uint8_t esp_number = 50, udp_number = 17;
constexpr std::size_t most_flows = 262'144;  // the rest share one
constexpr std::size_t most_silences = 4096;  // the longest
constexpr std::size_t most_errors = 65'536;  // of ICMP, about packets that are too large
constexpr std::size_t tail_size = 12;        // the least an ICV has, mostly

// Not inside another ESP packet, and not quoted by an ICMP error.
bool is_outermost(const Packet& packet, std::size_t layer) {
  if (packet.layers()[layer].quoted) return false;
  for (std::size_t at = packet.layers()[layer].outer; at != no_layer; at = packet.layers()[at].outer)
    if (packet.layers()[at].is(ProtocolKind::esp)) return false;
  return true;
}

bool has(const Packet& packet, const FindingInfo& info) {
  return std::any_of(packet.findings().begin(), packet.findings().end(),
                     [&](const Finding& finding) { return finding.info->code == info.code; });
}

std::uint32_t fold(std::uint64_t value) { return static_cast<std::uint32_t>(value ^ value >> 32); }

// What the outer headers say that must not change, and what shows a second capture.
void read_outside(const Packet& packet, const IpLayer& ip, GatewayRecord& out) {
  const Sighting seen = sighting_of(packet, ip, {}, 0, 0);
  out.link = static_cast<std::uint16_t>(seen.link);
  out.any_device = seen.any_device;
  out.time = sane_time(packet.time.nanoseconds);
  out.frame = packet.frame;
  out.file = packet.file;
  out.ttl = ip.facts.ttl;
  out.tos = ip.facts.tos;
  out.ipv4 = ip.source.is_v4();
  out.id = out.ipv4 ? ip.facts.id : ip.facts.flow_label;
  out.dont_fragment = (ip.facts.flags_and_offset & 0x4000) != 0;
  out.fragmented = packet.buffers()[packet.layers()[ip.index].buffer].origin == Origin::reassembled;
  out.overlapped = packet.buffers()[packet.layers()[ip.index].buffer].overlapped;
}

// RFC 768, RFC 8200 section 8.1. A datagram that is cut cannot be wrong.
bool has_bad_checksum(const GatewayFlow& flow, const Layer& layer, const wire::Udp& udp) {
  if (udp.checksum() == 0 || layer.cut() || udp.length() != layer.header.size() + layer.payload.size()) return false;
  const std::uint64_t pseudo =
      pseudo_header_sum(flow.source.bytes(), flow.destination.bytes(), udp_number, udp.length());
  return checksum_fold(checksum_add(layer.payload, checksum_add(layer.header, pseudo))) != 0;
}

// Of UDP or TCP around it.
void read_ports(const Packet& packet, std::size_t layer, GatewayFlow& flow, GatewayRecord& out) {
  out.no_checksum = true;
  for (std::size_t at = packet.layers()[layer].outer; at != no_layer; at = packet.layers()[at].outer) {
    const Layer& outer = packet.layers()[at];
    if (is_ip(outer)) return;
    if (const auto tcp = wire::Tcp::from(outer.header); tcp && outer.is(ProtocolKind::tcp)) {
      flow.encapsulation = Encapsulation::tcp;
      flow.source_port = tcp->source_port();
      flow.destination_port = tcp->destination_port();
      return;
    }
    if (!outer.is(ProtocolKind::udp)) continue;
    const auto udp = wire::Udp::from(outer.header);
    if (!udp) return;
    flow.source_port = udp->source_port();
    flow.destination_port = udp->destination_port();
    out.no_checksum = udp->checksum() == 0;
    out.bad_checksum = has_bad_checksum(flow, outer, *udp);
    return;
  }
}

// The packet that came straight out of this ESP packet.
std::uint64_t inner_digest(const Packet& packet, std::size_t place) {
  for (const InnerPacket& inner : packet.inner())
    if (inner.record == place && inner.inside == InnerPacket::none)
      return routed_digest(packet.buffers()[inner.buffer].bytes, true).value_or(0);
  return 0;
}

std::size_t offset_of(const Packet& packet, const Layer& layer) {
  return static_cast<std::size_t>(layer.header.data() - packet.buffers()[layer.buffer].bytes.data());
}

}  // namespace

GatewayIcv icv_of(const OpenRecord& record) {
  if (record.icv == IcvVerdict::ok) return GatewayIcv::ok;
  if (record.icv == IcvVerdict::bad) return GatewayIcv::bad;
  if (record.icv == IcvVerdict::none) return GatewayIcv::none;
  switch (record.unchecked) {
    case Unchecked::cut: return GatewayIcv::cut;
    case Unchecked::no_key: return GatewayIcv::no_key;
    case Unchecked::duplicate: return GatewayIcv::pending;
    case Unchecked::malformed: return GatewayIcv::malformed;
    case Unchecked::no:
    case Unchecked::no_sa: break;
  }
  return GatewayIcv::unknown;
}

std::int64_t sane_time(std::int64_t time) { return std::clamp<std::int64_t>(time, 0, std::int64_t{1} << 61); }

std::uint16_t short_length(std::size_t length) {
  return static_cast<std::uint16_t>(std::min<std::size_t>(length, std::numeric_limits<std::uint16_t>::max()));
}

std::optional<std::uint64_t> routed_digest(Bytes packet, bool reassembled) {
  const auto header = routed_header(packet);
  if (!header) return std::nullopt;
  std::size_t size = 0;
  if (header->size == wire::Ipv4::min_size) {
    const auto v4 = wire::Ipv4::over(packet);
    size = v4.total_length();
    if (size < v4.header_length() || (!reassembled && v4.is_fragment())) return std::nullopt;
  } else {
    size = wire::Ipv6::size + wire::Ipv6::over(packet).payload_length();
  }
  if (size > packet.size()) return std::nullopt;
  return routed_hash(*header, packet.first(size).subspan(header->size));
}

std::size_t GatewaySide::FlowHash::operator()(const GatewayFlow& flow) const noexcept {
  std::array<std::uint8_t, 16> numbers{};
  write_u32(numbers, 0, flow.spi);
  write_u32(numbers, 4, flow.sa);
  write_u16(numbers, 8, flow.source_port);
  write_u16(numbers, 10, flow.destination_port);
  return static_cast<std::size_t>(hosts_hash(flow.source, flow.destination, numbers));
}

std::size_t GatewaySide::HostsHash::operator()(const ClearHosts& hosts) const noexcept {
  return static_cast<std::size_t>(keyed_hash(hosts.source.bytes(), hosts.destination.bytes()));
}

std::uint32_t GatewaySide::number_of(const GatewayFlow& flow) {
  if (!flows_.empty() && flows_.back() == flow) return static_cast<std::uint32_t>(flows_.size() - 1);
  const auto found = flow_numbers_.find(flow);
  if (found != flow_numbers_.end()) return found->second;
  if (flows_.size() >= most_flows) return static_cast<std::uint32_t>(most_flows - 1);
  const auto number = static_cast<std::uint32_t>(flows_.size());
  flows_.push_back(flow);
  flow_numbers_.emplace(flow, number);
  return number;
}

std::uint32_t GatewaySide::number_of(const ClearHosts& hosts) {
  const auto found = host_numbers_.find(hosts);
  if (found != host_numbers_.end()) return found->second;
  if (hosts_.size() >= most_flows) return static_cast<std::uint32_t>(most_flows - 1);
  const auto number = static_cast<std::uint32_t>(hosts_.size());
  hosts_.push_back(hosts);
  host_numbers_.emplace(hosts, number);
  return number;
}

void GatewaySide::add(GatewayRecord record, const GatewayFlow& flow) {
  // An index has 32 bits, of which the last values have meanings of their own.
  if (records_.size() >= std::numeric_limits<std::uint32_t>::max() - 16) {
    ++left_out_;
    return;
  }
  record.flow = number_of(flow);
  records_.push_back(record);
}

void GatewaySide::take_time(std::int64_t time) {
  if (frames_++ == 0) {
    first_ = last_ = time;
    return;
  }
  if (time - last_ >= least_silence_) {
    silences_.push_back({last_, time});
    if (silences_.size() == most_silences) {
      least_silence_ *= 2;
      silences_.erase(std::remove_if(silences_.begin(), silences_.end(),
                                     [&](const Silence& it) { return it.to - it.from < least_silence_; }),
                      silences_.end());
    }
  }
  first_ = std::min(first_, time);
  last_ = std::max(last_, time);
}

void GatewaySide::take_esp(const Packet& packet, const Decoder& decoder, const OpenRecord& record, std::size_t place) {
  const auto ip = find_ip_layer(packet, record.layer);
  if (!ip) return;
  GatewayRecord out;
  read_outside(packet, *ip, out);
  GatewayFlow flow{record.source,
                   record.destination,
                   record.spi,
                   record.encapsulation,
                   0,
                   0,
                   false,
                   record.sa,
                   decoder.association(record.sa)};
  read_ports(packet, record.layer, flow, out);
  out.digest = record.digest;
  out.sequence = record.sequence;
  out.length = short_length(record.length);
  out.icv = icv_of(record);
  out.wrong_size =
      out.icv == GatewayIcv::malformed || (out.icv == GatewayIcv::bad && has(packet, codes::esp_malformed));
  const Bytes whole = whole_layer(packet, packet.layers()[record.layer]);
  out.tail = fold(packet_hash(whole.last(std::min(whole.size(), tail_size))));
  if (record.decrypted) out.inner = inner_digest(packet, place);
  add(out, flow);
}

// ESP that is too short for its header, or has SPI 0: decoding has no record of it.
void GatewaySide::take_unreadable(const Packet& packet) {
  if (packet.layers().empty()) return;
  const std::size_t last = packet.layers().size() - 1;
  const Layer& layer = packet.layers()[last];
  const bool is_esp = layer.is(ProtocolKind::esp) && layer.malformed;
  const auto v4 = wire::Ipv4::from(layer.header);
  const bool stops_before = layer.is(ProtocolKind::ipv4) && v4 && !v4->is_fragment() &&
                            v4->protocol_number() == esp_number && !layer.malformed;
  if ((!is_esp && !stops_before) || !is_outermost(packet, last) || layer.cut()) return;
  const auto ip = find_ip_layer(packet, last);
  if (!ip) return;
  GatewayRecord out;
  read_outside(packet, *ip, out);
  const Bytes bytes = is_esp ? whole_layer(packet, layer) : layer.payload;
  out.digest = packet_hash(bytes);
  out.length = short_length(bytes.size());
  out.icv = GatewayIcv::malformed;
  out.wrong_size = true;
  out.sequence = is_esp ? wire::Esp::over(layer.header).sequence() : 0;
  add(out, {ip->source, ip->destination, 0, Encapsulation::none, 0, 0, false, 0, nullptr});
}

void GatewaySide::take_ike(const Packet& packet, const IkeRecord& record) {
  const auto ip = find_ip_layer(packet, record.layer);
  if (!ip || !is_outermost(packet, record.layer)) return;
  const Layer& layer = packet.layers()[record.layer];
  // ESP behind a non-ESP marker, and the like: nobody need let it pass.
  const std::size_t size = layer.header.size() + layer.payload_claimed;
  if (layer.header.size() >= wire::Ikev2::size && wire::Ikev2::over(layer.header).length() != size) return;
  GatewayRecord out;
  read_outside(packet, *ip, out);
  out.ike = true;
  out.digest = packet_hash(whole_layer(packet, layer));
  out.length = short_length(size);
  out.sequence = std::uint64_t{record.exchange} << 48 | std::uint64_t{record.response} << 47 |
                 std::uint64_t{record.fragment} << 32 | record.message_id;
  out.icv = layer.cut() ? GatewayIcv::cut : GatewayIcv::ok;
  GatewayFlow flow{ip->source, ip->destination, fold(record.initiator_spi), Encapsulation::none, 0, 0, true,
                   0,          nullptr};
  read_ports(packet, record.layer, flow, out);
  add(out, flow);
}

void GatewaySide::take_clear(const Packet& packet) {
  const auto layer = std::find_if(packet.layers().begin(), packet.layers().end(), is_ip);
  if (layer == packet.layers().end() || layer->quoted || layer->malformed) return;
  const Layer* whole = &*layer;
  for (const Layer& other : packet.layers())  // what fragments became
    if (packet.buffers()[other.buffer].origin == Origin::reassembled && is_ip(other)) {
      whole = &other;
      break;
    }
  const bool reassembled = whole != &*layer;
  const Bytes bytes = packet.buffers()[whole->buffer].bytes.subspan(offset_of(packet, *whole));
  const auto digest = routed_digest(bytes, reassembled);
  if (!digest) return;
  ClearHosts hosts;
  if (const auto v4 = wire::Ipv4::from(bytes); v4 && v4->version() == 4)
    hosts = {v4->source(), v4->destination(), v4->protocol_number()};
  else if (const auto v6 = wire::Ipv6::from(bytes))
    hosts = {v6->source(), v6->destination(), v6->next_header()};
  clear_.push_back({*digest, sane_time(packet.time.nanoseconds), packet.frame, number_of(hosts), packet.file});
}

// RFC 1191 section 4, RFC 8201 section 3. One inside a tunnel is about what that carries.
void GatewaySide::take_error(const Packet& packet) {
  if (packet.quoted_frame == 0 || too_large_.size() >= most_errors) return;
  for (std::size_t at = 0; at < packet.layers().size(); ++at) {
    const Layer& layer = packet.layers()[at];
    if (!is_outermost(packet, at) || layer.malformed) continue;
    const bool too_large = layer.is(ProtocolKind::icmp) ? wire::Icmp::over(layer.header).is_fragmentation_needed()
                           : layer.is(ProtocolKind::icmpv6)
                               ? wire::Icmpv6::over(layer.header).type() == wire::Icmpv6::packet_too_big
                               : false;
    if (too_large) too_large_.emplace(packet.file, packet.quoted_frame);
  }
}

bool GatewaySide::is_too_large(const GatewayRecord& record) const {
  return too_large_.count({record.file, record.frame}) != 0;
}

void GatewaySide::take(const Packet& packet, const Decoder& decoder) {
  take_time(sane_time(packet.time.nanoseconds));
  const std::size_t before = records_.size();
  for (std::size_t place = 0; place < packet.ipsec().size(); ++place) {
    const OpenRecord& record = packet.ipsec()[place];
    if (record.protocol == IpsecProtocol::esp && is_outermost(packet, record.layer))
      take_esp(packet, decoder, record, place);
  }
  for (const IkeRecord& record : packet.ike()) take_ike(packet, record);
  if (records_.size() == before) take_unreadable(packet);
  pieces_.take(packet, sane_time(packet.time.nanoseconds));
  take_error(packet);
  if (records_.size() == before && keep_clear_ && packet.ipsec().empty()) take_clear(packet);
}

}  // namespace espdump
