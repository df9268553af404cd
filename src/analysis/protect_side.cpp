// Frames become records. Fragments are kept one by one and, once all are there, as the packet they are of.
#include "analysis/protect_side.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <espdump/wire/esp.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/next_header.hpp>

#include "base/packet_hash.hpp"
#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

constexpr std::size_t most_hosts = 262'144, most_flows = 65'536, most_silences = 4096, most_refusals = 262'144;
constexpr std::size_t most_datagrams = 4096;           // in fragments under way
constexpr std::size_t most_pieces = 8192;              // of one datagram: 65,535 bytes by 8
constexpr std::int64_t least_silence = 1'000'000'000;  // nanoseconds
constexpr std::uint32_t linux_cooked_v1 = 113, linux_cooked_v2 = 276;

bool is_esp(const Layer& layer) { return layer.is(ProtocolKind::esp); }

// The ESP layers around a layer, its own not counted.
std::size_t esp_around(const Packet& packet, std::size_t layer) {
  std::size_t count = 0;
  for (std::size_t at = packet.layers()[layer].outer; at != no_layer; at = packet.layers()[at].outer)
    if (is_esp(packet.layers()[at])) ++count;
  return count;
}

Bytes from_layer(const Packet& packet, const Layer& layer) {
  const Bytes buffer = packet.buffers()[layer.buffer].bytes;
  return buffer.subspan(static_cast<std::size_t>(layer.header.data() - buffer.data()));
}

bool is_joined(const Packet& packet, const Layer& layer) {
  return is_ip(layer) && !layer.quoted && packet.buffers()[layer.buffer].origin == Origin::reassembled;
}

// The very same ESP packet once more: captured twice, or replayed.
bool is_again(const OpenRecord& record) {
  return record.unchecked == Unchecked::duplicate || record.replay == ReplayVerdict::capture_duplicate ||
         (record.replay == ReplayVerdict::duplicate && record.same_bytes);
}

bool is_icmp_error(const Traffic& traffic) {
  if (!traffic.source_port) return false;
  const std::uint16_t type = *traffic.source_port;
  if (traffic.protocol == 58) return type < 128;
  return traffic.protocol == 1 && (type == 3 || type == 4 || type == 5 || type == 11 || type == 12);
}

std::uint64_t pieces_key(const IpFacts& facts) {
  std::array<std::uint8_t, 5> rest{facts.protocol};
  write_u32(MutableBytes{rest}.subspan(1), 0, facts.fragment_id);
  return hosts_hash(facts.source, facts.destination, rest);
}

// What the packet itself says.
ProtectPacket record_of(const IpFacts& facts, Bytes bytes, const Traffic& traffic) {
  ProtectPacket out;
  out.id = facts.id;
  out.length = short_length(facts.size);
  out.ttl = facts.ttl;
  out.piece = facts.fragment;
  out.cut = facts.cut;
  out.dont_fragment = !facts.source.is_v4() || (bytes[wire::Ipv4::flags_offset] & 0x40) != 0;
  if (facts.protocol == 6 && traffic.source_port && bytes.size() >= facts.upper + 8)
    out.sequence = read_u32(bytes, facts.upper + 4);
  out.error = is_icmp_error(traffic);
  out.has_ports = traffic.source_port && traffic.destination_port;
  out.source_port = traffic.source_port.value_or(0);
  out.destination_port = traffic.destination_port.value_or(0);
  return out;
}

// Behind a NAT the addresses around transport mode are not those that the ends agreed on.
bool is_outside(const Packet& packet, const SecurityAssociation* sa, const OpenRecord& record, const Traffic& traffic) {
  if (sa == nullptr || (!sa->selector && sa->policies.empty())) return false;
  if (record.mode == SaMode::transport && (record.source != sa->source || record.destination != sa->destination) &&
      traffic.source == record.source)
    return false;
  return !is_covered(*sa, traffic) && !is_covered_around(*sa, record) && !is_covered_further_in(packet, record, *sa);
}

// The packet around IPComp: what was compressed stands in the list, too.
bool is_envelope(const Packet& packet, const InnerPacket& inner) {
  if (inner.innermost) return false;
  const auto index = static_cast<std::size_t>(&inner - packet.inner().data());
  return std::any_of(packet.inner().begin(), packet.inner().end(),
                     [&](const InnerPacket& other) { return other.inside == index && other.record == inner.record; });
}

// The packet of transport mode with the addresses it had before NAT; empty where it has them still.
std::vector<std::uint8_t> before_nat(Bytes packet, const OpenRecord& record, const SecurityAssociation* sa) {
  if (sa == nullptr || record.mode != SaMode::transport || !sa->source.is_v4() || !sa->destination.is_v4()) return {};
  const auto ip = wire::Ipv4::from(packet);
  const bool rewritten = ip && ip->version() == 4 && ip->source() == record.source &&
                         ip->destination() == record.destination &&
                         (record.source != sa->source || record.destination != sa->destination);
  if (!rewritten) return {};
  constexpr std::ptrdiff_t source_offset = wire::Ipv4::source_offset, destination_offset = source_offset + 4;
  std::vector<std::uint8_t> out(packet.begin(), packet.end());
  std::copy(sa->source.bytes().begin(), sa->source.bytes().end(), out.begin() + source_offset);
  std::copy(sa->destination.bytes().begin(), sa->destination.bytes().end(), out.begin() + destination_offset);
  return out;
}

template <typename Value, typename Same>
std::uint32_t numbered(std::vector<Value>& values, std::unordered_multimap<std::uint64_t, std::uint32_t>& numbers,
                       std::uint64_t hash, std::size_t most, const Value& value, Same same) {
  const auto [from, to] = numbers.equal_range(hash);
  for (auto it = from; it != to; ++it)
    if (same(values[it->second], value)) return it->second;
  if (values.size() >= most) return no_packet;
  const auto number = static_cast<std::uint32_t>(values.size());
  values.push_back(value);
  numbers.emplace(hash, number);
  return number;
}

}  // namespace

void for_each_clear(const Packet& packet, const std::function<void(const ProtectPiece&)>& take) {
  bool wrapped = false;
  for (std::size_t i = 0; i < packet.layers().size(); ++i) {
    const Layer& layer = packet.layers()[i];
    if (!is_ip(layer) || layer.quoted || layer.malformed || esp_around(packet, i) != 0) continue;
    const bool joined = is_joined(packet, layer);
    take({from_layer(packet, layer), ProtectPiece::no_record, joined, wrapped && !joined});
    wrapped = true;
  }
  for (const InnerPacket& inner : packet.inner()) {
    const OpenRecord& record = packet.ipsec()[inner.record];
    if (record.protocol == IpsecProtocol::ah && packet.buffers()[inner.buffer].origin == Origin::reconstructed &&
        esp_around(packet, record.layer) == 0)
      take({packet.buffers()[inner.buffer].bytes, ProtectPiece::no_record, false, true});
  }
}

void for_each_opened(const Packet& packet, const Decoder& decoder,
                     const std::function<void(const ProtectPiece&)>& take) {
  std::size_t last = ProtectPiece::no_record;
  for (const InnerPacket& inner : packet.inner()) {
    const OpenRecord& record = packet.ipsec()[inner.record];
    if (record.protocol != IpsecProtocol::esp || esp_around(packet, record.layer) != 0 || is_again(record)) continue;
    last = inner.record;
    if (is_envelope(packet, inner)) continue;
    const Bytes bytes = packet.buffers()[inner.buffer].bytes;
    std::vector<std::uint8_t> sent = before_nat(bytes, record, decoder.association(record.sa));
    take({sent.empty() ? bytes : Bytes{sent}, inner.record, false, false});
    wipe(sent);
  }
  if (last == ProtectPiece::no_record) return;
  for (std::size_t i = 0; i < packet.layers().size(); ++i)
    if (is_joined(packet, packet.layers()[i]) && esp_around(packet, i) == 1)
      take({from_layer(packet, packet.layers()[i]), last, true, false});
}

std::uint64_t quotation_key(const ClearHosts& hosts, const ProtectPacket& packet) {
  std::array<std::uint8_t, 45> all{hosts.protocol};
  std::copy(hosts.source.bytes().begin(), hosts.source.bytes().end(), all.begin() + 1);
  std::copy(hosts.destination.bytes().begin(), hosts.destination.bytes().end(), all.begin() + 17);
  write_u16(all, 33, packet.source_port);
  write_u16(all, 35, packet.destination_port);
  write_u32(all, 37, packet.sequence);
  write_u32(all, 41, hosts.source.is_v4() ? packet.id : 0);
  return keyed_hash(all);
}

std::uint32_t ProtectSide::number_of(const ClearHosts& hosts) {
  const std::array<std::uint8_t, 1> protocol{hosts.protocol};
  const std::array<std::uint64_t, 2> parts{keyed_hash(hosts.source.bytes(), protocol),
                                           keyed_hash(hosts.destination.bytes())};
  return numbered(hosts_, host_numbers_, parts[0] * 31 + parts[1], most_hosts, hosts,
                  [](const ClearHosts& a, const ClearHosts& b) { return a == b; });
}

std::uint32_t ProtectSide::number_of(const ProtectFlow& flow) {
  std::array<std::uint8_t, 8> numbers{};
  write_u32(numbers, 0, flow.spi);
  write_u32(numbers, 4, flow.sa);
  const std::uint64_t hash = keyed_hash(flow.source.bytes(), numbers) * 31 + keyed_hash(flow.destination.bytes());
  return numbered(flows_, flow_numbers_, hash, most_flows, flow,
                  [](const ProtectFlow& a, const ProtectFlow& b) { return a == b; });
}

void ProtectSide::take_time(const Packet& packet) {
  const std::int64_t time = sane_time(packet.time.nanoseconds);
  if (frames_++ != 0 && time - last_ >= least_silence && silences_.size() < most_silences)
    silences_.push_back({last_, time});
  last_ = frames_ == 1 ? time : std::max(last_, time);
  if (spans_.size() <= packet.file) spans_.resize(std::size_t{packet.file} + 1);
  ProtectSpan& span = spans_[packet.file];
  span.first = span.used ? std::min(span.first, time) : time;
  span.last = span.used ? std::max(span.last, time) : time;
  span.used = true;
}

void ProtectSide::take_esp(const Packet& packet, const Decoder& decoder) {
  esp_of_record_.assign(packet.ipsec().size(), no_packet);
  for (std::size_t place = 0; place < packet.ipsec().size(); ++place) {
    const OpenRecord& record = packet.ipsec()[place];
    if (record.protocol != IpsecProtocol::esp || packet.layers()[record.layer].quoted ||
        esp_around(packet, record.layer) != 0 || is_again(record))
      continue;
    const std::uint32_t flow =
        number_of({record.source, record.destination, record.spi, record.sa, decoder.association(record.sa)});
    if (flow == no_packet || esp_.size() >= no_packet) {
      ++left_out_;
      continue;
    }
    esp_of_record_[place] = static_cast<ProtectIndex>(esp_.size());
    esp_.push_back({record.digest, record.sequence, sane_time(packet.time.nanoseconds), packet.frame, flow, packet.file,
                    short_length(record.length), icv_of(record), record.decrypted && record.icv != IcvVerdict::bad,
                    record.next_header == std::uint8_t{wire::next_header::none}});
  }
}

void ProtectSide::fragment(std::deque<ProtectPacket>& list, const ProtectPacket& out, const IpFacts& facts,
                           Pieces& pieces) {
  last_pieces_ = pieces_key(facts);
  if (pieces.size() >= most_datagrams && pieces.count(last_pieces_) == 0) pieces.erase(pieces.begin());
  auto& known = pieces[last_pieces_];
  if (known.size() < most_pieces) known.push_back(static_cast<ProtectIndex>(list.size()));
  list.push_back(out);
}

// The frame at hand made a datagram whole; its pieces are those met so far.
void ProtectSide::join(std::deque<ProtectPacket>& list, Pieces& pieces) {
  const auto found = pieces.find(last_pieces_);
  if (found == pieces.end()) return;
  for (const ProtectIndex piece : found->second) list[piece].datagram = static_cast<ProtectIndex>(list.size());
  pieces.erase(found);
}

void ProtectSide::take_refusal(const IpFacts& facts, Bytes packet, std::int64_t time) {
  constexpr std::size_t icmp_header = 8;
  if (packet.size() < facts.upper + icmp_header || refusals_.size() >= most_refusals) return;
  const Bytes icmp = packet.subspan(facts.upper), quoted = icmp.subspan(icmp_header);
  const auto about = ip_facts(quoted);
  if (!about) return;
  const ProtectPacket record = record_of(*about, quoted, traffic_of(*about, quoted));
  ProtectRefusal out{quotation_key({about->source, about->destination, about->protocol}, record), 0, about->source,
                     about->destination, time};
  if (facts.source.is_v4() && icmp[0] == 3 && icmp[1] == 4) out.mtu = read_u16(icmp, 6);
  if (!facts.source.is_v4() && icmp[0] == 2) out.mtu = read_u32(icmp, 4);
  refusals_.push_back(out);
}

void ProtectSide::take_piece(const Packet& packet, const ProtectPiece& piece, const Decoder& decoder) {
  const auto facts = ip_facts(piece.bytes);
  if (!facts || (piece.wrapped && is_protected_)) return;
  const bool is_opened = piece.record != ProtectPiece::no_record;
  std::deque<ProtectPacket>& list = is_opened ? opened_ : clear_;
  Pieces& pieces = is_opened ? opened_pieces_ : clear_pieces_;
  const Traffic traffic = traffic_of(*facts, piece.bytes);
  ProtectPacket out = record_of(*facts, piece.bytes, traffic);
  out.time = sane_time(packet.time.nanoseconds);
  out.frame = packet.frame;
  out.file = packet.file;
  out.any_device = packet.link_type == linux_cooked_v1 || packet.link_type == linux_cooked_v2;
  const OpenRecord* record = is_opened ? &packet.ipsec()[piece.record] : nullptr;
  const SecurityAssociation* sa = is_opened ? decoder.association(record->sa) : nullptr;
  if (is_opened) {
    out.esp = esp_of_record_[piece.record];
    if (out.esp == no_packet || !esp_[out.esp].opened) return;
    out.outside = is_outside(packet, sa, *record, traffic);
  } else if (const auto ip = find_ip_layer(packet, packet.layers().size() - 1)) {
    out.link = static_cast<std::uint16_t>(sighting_of(packet, *ip, {}, 0, 0).link);
  }
  if (!is_opened && is_protected_)  // ESP on the protected side
    for (const ProtectIndex esp : esp_of_record_)
      if (out.esp == no_packet) out.esp = esp;
  out.joined = piece.joined;
  out.wrapped = piece.wrapped;
  out.hosts = number_of(ClearHosts{facts->source, facts->destination, facts->protocol});
  if (list.size() >= no_packet || out.hosts == no_packet) {
    ++left_out_;
    return;
  }
  out.keys = protect_keys(*facts, piece.bytes);
  if (out.error && is_protected_ && !is_opened) take_refusal(*facts, piece.bytes, out.time);
  if (out.piece) return fragment(list, out, *facts, pieces);
  if (out.joined) join(list, pieces);
  list.push_back(out);
}

void ProtectSide::take(const Packet& packet, const Decoder& decoder) {
  take_time(packet);
  take_esp(packet, decoder);
  const auto keep = [&](const ProtectPiece& piece) { take_piece(packet, piece, decoder); };
  for_each_opened(packet, decoder, keep);
  const bool is_ipsec = std::any_of(packet.ipsec().begin(), packet.ipsec().end(),
                                    [](const OpenRecord& one) { return one.protocol == IpsecProtocol::esp; });
  if (is_protected_ || (!is_ipsec && packet.ike().empty())) for_each_clear(packet, keep);
}

}  // namespace espdump
