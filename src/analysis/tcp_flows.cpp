#include "analysis/tcp_flows.hpp"

#include <algorithm>
#include <vector>

#include "analysis/path_mtu.hpp"
#include "base/packet_hash.hpp"
#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

using wire::Tcp;

constexpr std::uint32_t enough_tries = 4;

bool is_fresh(const OpenRecord& record) {
  return record.decrypted && record.icv != IcvVerdict::bad && record.replay != ReplayVerdict::capture_duplicate &&
         record.replay != ReplayVerdict::duplicate && record.replay != ReplayVerdict::stale;
}

// More than the other end takes at once: captured before it was cut into segments (segmentation offload).
bool is_uncut(const TcpSegment& segment, const FlowSizes& sizes) {
  return sizes.mss ? segment.length > *sizes.mss : segment.outer > ethernet_mtu;
}

// As far back as is remembered.
bool was_sent(const TcpSegment& segment, const TcpDirection& sending) {
  const auto same = [&](const TcpSegment& one) { return one.length != 0 && one.sequence == segment.sequence; };
  return (sending.edge.sent != 0 && same(sending.edge.segment)) ||
         std::any_of(sending.recent.begin(), sending.recent.end(), same);
}

}  // namespace

std::size_t TcpFlows::Hash::operator()(const Key& key) const noexcept {
  std::array<std::uint8_t, 36> bytes{};
  std::copy_n(key.source.bytes().begin(), key.source.size(), bytes.begin());
  std::copy_n(key.destination.bytes().begin(), key.destination.size(), bytes.begin() + 16);
  write_u16(MutableBytes{bytes}, 32, key.from);
  write_u16(MutableBytes{bytes}, 34, key.to);
  return packet_hash(bytes);
}

std::optional<TcpFlows::Met> TcpFlows::segment_in(const Packet& packet) {
  if (packet.ipsec().empty() || !packet.may_have(ProtocolKind::tcp)) return std::nullopt;
  const OpenRecord& outermost = packet.ipsec().front();
  if (outermost.sa == 0 || !is_fresh(outermost)) return std::nullopt;
  const auto& layers = packet.layers();
  std::optional<std::size_t> found;
  for (std::size_t index = outermost.layer; index < layers.size(); ++index) {
    if (layers[index].quoted || !layers[index].is(ProtocolKind::tcp)) continue;
    if (found) return std::nullopt;
    found = index;
  }
  if (!found) return std::nullopt;
  const auto tcp = Tcp::from(layers[*found].header);
  const auto ip = find_ip_layer(packet, *found);
  if (!tcp || !ip) return std::nullopt;
  Met out{{ip->source, ip->destination, tcp->source_port(), tcp->destination_port()}, *tcp, {}, 0, &outermost};
  out.segment = {tcp->sequence(), static_cast<std::uint32_t>(layers[*found].payload_claimed),
                 static_cast<std::uint32_t>(wire_size(outermost))};
  out.inner = layers[ip->index].header.size() + layers[*found].header.size() + layers[*found].payload_claimed;
  return out;
}

TcpDirection* TcpFlows::direction(const Key& key, Timestamp now) {
  const std::size_t mark = Hash{}(key) % marks;
  auto known = marked_[mark] ? flows_.find(key) : flows_.end();
  if (known == flows_.end()) {
    if (flows_.size() >= most_flows) make_room(now);
    if (flows_.size() >= most_flows) return nullptr;
    known = flows_.try_emplace(key).first;
    marked_[mark] = true;
    known->second.number = ++met_;
    FlowSizes& sizes = known->second.sizes;
    sizes.source = key.source, sizes.destination = key.destination;
    sizes.source_port = key.from, sizes.destination_port = key.to;
  }
  known->second.last_seen = now;
  return &known->second;
}

// Connections that were quiet for a minute and not in trouble; not looked for more often than once in a second.
void TcpFlows::make_room(Timestamp now) {
  constexpr std::int64_t second = 1'000'000'000, quiet = 60 * second;
  if (now.nanoseconds - room_made_.nanoseconds < second) return;
  room_made_ = now;
  const std::size_t before = flows_.size();
  for (auto flow = flows_.begin(); flow != flows_.end();) {
    const TcpDirection& it = flow->second;
    const bool in_trouble = it.edge.sent >= enough_tries || it.hole.has_value();
    flow = !in_trouble && now.nanoseconds - it.last_seen.nanoseconds > quiet ? flows_.erase(flow) : std::next(flow);
  }
  if (flows_.size() == before) return;
  marked_.assign(marks, false);
  for (const auto& [key, direction] : flows_) marked_[Hash{}(key) % marks] = true;
}

void TcpFlows::take(const Packet& packet, const std::function<void(const TcpDirection&)>& passed) {
  const auto met = segment_in(packet);
  if (!met) return;
  if (TcpDirection* answered =
          direction({met->key.destination, met->key.source, met->key.to, met->key.from}, packet.time)) {
    if (const auto mss = met->tcp.has(Tcp::syn) ? met->tcp.mss() : std::nullopt) answered->sizes.mss = mss;
    if (met->tcp.has(Tcp::ack)) take_acknowledgment(packet, *met, *answered, passed);
  }
  if (met->tcp.has(Tcp::syn) || met->tcp.has(Tcp::rst)) return;
  if (TcpDirection* sending = direction(met->key, packet.time))
    take_segment(packet, *met, *sending);
  else
    ++left_out_;
}

void TcpFlows::take_segment(const Packet& packet, const Met& met, TcpDirection& sending) {
  const TcpSegment& segment = met.segment;
  FlowSizes& sizes = sending.sizes;
  const std::int64_t silence =
      sending.last_sent.nanoseconds == 0 ? 0 : packet.time.nanoseconds - sending.last_sent.nanoseconds;
  if (sending.has_acknowledged && is_after(segment.sequence, sending.acknowledged) && sending.edge.sent == 0) {
    if (!sending.hole)
      sending.hole = TcpHole{segment.sequence, met.record->sequence, packet.frame, packet.file, packet.time, silence};
    else if (is_after(sending.hole->end, segment.sequence))
      sending.hole->end = segment.sequence;
  }
  sending.last_sent = packet.time;
  if (segment.length == 0) return;
  sizes.sa = met.record->sa;
  ++sizes.segments;
  if (is_uncut(segment, sizes)) return;
  const bool again = was_sent(segment, sending);
  if (segment.length > sizes.largest_sent) sizes.largest_sent = segment.length, sizes.full_sent_again = 0;
  sizes.sent_again += again ? 1 : 0;
  sizes.full_sent_again += again && segment.length == sizes.largest_sent ? 1 : 0;
  if (!again && sizes.shrunk_to != 0 && segment.length > sizes.shrunk_to) ++sizes.probes;
  remember(segment, sending);
  take_edge(packet, met, sending);
}

void TcpFlows::remember(const TcpSegment& segment, TcpDirection& sending) {
  for (TcpSegment& one : sending.recent) {
    const bool apart = !is_after(one.end(), segment.sequence) || !is_after(segment.end(), one.sequence);
    one.in_pieces = one.in_pieces || (one.length > segment.length && !apart);
  }
  sending.recent[sending.next++ % sending.recent.size()] = segment;
}

void TcpFlows::take_edge(const Packet& packet, const Met& met, TcpDirection& sending) {
  if (!sending.has_acknowledged || met.segment.sequence != sending.acknowledged) return;
  sending.hole.reset();
  TcpEdge& edge = sending.edge;
  if (edge.sent != 0 && met.segment.length < edge.segment.length) {
    edge.shrunk_to = std::max<std::size_t>(edge.shrunk_to, met.segment.length);
    if (edge.sent >= enough_tries) sending.sizes.shrunk_to = edge.shrunk_to;
    return;
  }
  if (edge.sent == 0 || met.segment.length != edge.segment.length) {
    edge = {};
    edge.segment = met.segment, edge.inner = met.inner, edge.first = packet.time;
  }
  ++edge.sent;
  edge.frames.add(packet.frame, packet.file);
  edge.last_frame = packet.frame, edge.file = packet.file, edge.last = packet.time;
}

void TcpFlows::take_acknowledgment(const Packet& packet, const Met& met, TcpDirection& sending,
                                   const std::function<void(const TcpDirection&)>& passed) {
  const std::uint32_t number = met.tcp.acknowledgment();
  TcpEdge& edge = sending.edge;
  if (sending.has_acknowledged && !is_after(number, sending.acknowledged)) {
    if (number != sending.acknowledged) return;
    sending.repeated_at = packet.time;
    if (edge.sent == 0) return;
    edge.heard = edge.heard || edge.sent >= enough_tries - 1;
    take_blocks(met.tcp, sending);
    return;
  }
  if (edge.sent != 0) {
    passed(sending);
    edge = {};
  }
  std::size_t surely = sending.sizes.largest_acknowledged.value_or(0);
  for (const TcpSegment& segment : sending.recent) {
    if (segment.length == 0 || !sending.has_acknowledged || is_after(segment.end(), number)) continue;
    sending.largest_passed = std::max<std::size_t>(sending.largest_passed, segment.length);
    if (!segment.in_pieces) surely = std::max<std::size_t>(surely, segment.length);
  }
  sending.sizes.largest_acknowledged = surely;
  sending.has_acknowledged = true;
  sending.acknowledged = number;
  sending.acknowledged_at = sending.repeated_at = packet.time;
  sending.hole.reset();
}

// Selective acknowledgments, RFC 2018: what of the latest segments lies in them.
void TcpFlows::take_blocks(const Tcp& tcp, TcpDirection& sending) {
  constexpr std::uint8_t sack = 5;
  wire::Options options{tcp.options(), wire::Options::Style::ipv4};
  while (const auto option = options.next()) {
    if (option->kind != sack) continue;
    for (std::size_t at = 0; at + 8 <= option->data.size(); at += 8)
      for (const TcpSegment& segment : sending.recent) {
        const std::uint32_t left = read_u32(option->data, at), right = read_u32(option->data, at + 4);
        if (segment.length == 0 || is_after(left, segment.sequence) || is_after(segment.end(), right)) continue;
        const bool smaller = segment.length < sending.edge.segment.length;
        sending.edge.smaller_passed = sending.edge.smaller_passed || smaller;
        sending.edge.larger_passed = sending.edge.larger_passed || !smaller;
      }
  }
}

void TcpFlows::each(const std::function<void(const TcpDirection&)>& look) const {
  for (const auto& [key, direction] : flows_) look(direction);
}

}  // namespace espdump
