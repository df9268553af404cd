// What is put together from several frames: IP fragments, the messages of TCP connections, AGGFRAG payloads.
// What the reassemblers hand out lives until their next call; here it is copied into the packet's arena.
#include "decode/assembly.hpp"

#include <algorithm>
#include <optional>

#include <espdump/dissector.hpp>

#include "decode/ip_layer.hpp"

namespace espdump {
namespace {

// A frame that completes more than this has room for is left at that.
bool has_room(const Packet& packet, const std::vector<Work>& found) {
  constexpr std::size_t spare = 64;
  return packet.buffers().size() + found.size() + spare <= Packet::most_buffers;
}

Bytes keep(Packet& packet, Bytes bytes) {
  const MutableBytes copy = packet.allocate(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.begin());
  packet.reassembled = true;
  return copy;
}

// One message of a TCP connection, in place where it lies in this segment alone.
Work work_of(Packet& packet, const TcpMessage& message, BufferIndex captured, const Nesting& around) {
  const bool prefix = message.kind == TcpMessage::Kind::prefix;
  const Claim claim{Space::internal, prefix ? internal_claim::tcp_prefix : internal_claim::tcp_message};
  if (message.captured) return {captured, message.bytes, message.length, claim, around};
  const Bytes joined = keep(packet, message.bytes);
  return {packet.add_buffer(joined, Origin::segments), joined, message.length, claim, around};
}

}  // namespace

void Assembly::add_fragment(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found) {
  const std::optional<IpLayer> ip = find_ip_layer(packet, layer);
  if (!ip) return;
  const std::optional<Fragment> fragment = fragment_of(packet, layer, *ip, nesting_of(packet, layer));
  if (!fragment) return;
  const auto outcome = fragments_.of(packet.file).add(fragment->key, fragment->piece, packet.frame, packet.time);
  if (outcome.kind == FragmentReassembler::Kind::overlap)
    packet.add_finding(
        codes::packet_malformed,
        "IP fragments of one datagram overlap and disagree: what a receiver makes of them differs by system");
  if (outcome.kind != FragmentReassembler::Kind::complete) return;
  const Bytes whole = keep(packet, outcome.packet);
  const BufferIndex buffer = packet.add_buffer(whole, Origin::reassembled, outcome.touched);
  found.push_back({buffer, whole, whole.size(), ip_version_claim(whole[0]), around});
}

void Assembly::add_segment(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found) {
  const std::optional<IpLayer> ip = find_ip_layer(packet, layer);
  if (!ip || around.refused) return;
  const Layer& tcp = packet.layers()[layer];
  const TcpEncapsulation::Outcome outcome =
      tcp_.of(packet.file)
          .add({ip->source, ip->destination, wire::Tcp::over(tcp.header), tcp.payload, tcp.payload_claimed,
                nesting_of(packet, layer), packet.time});
  if (outcome.disagrees)
    packet.add_finding(codes::packet_malformed,
                       "TCP segments overlap and disagree: what a receiver makes of them differs by system");
  for (const TcpMessage& message : outcome.messages) {
    if (!has_room(packet, found)) break;
    if (message.kind == TcpMessage::Kind::broken)
      packet.add_finding(codes::esp_malformed,
                         "a message in TCP is said to have less than the 2 bytes of its length field: its receiver "
                         "closes the connection (RFC 9329 section 3)");
    else
      found.push_back(work_of(packet, message, tcp.buffer, around));
  }
}

void Assembly::add_aggfrag(Packet& packet, std::size_t layer, const Nesting& around, std::vector<Work>& found) {
  constexpr std::size_t block_offset_offset = 2;
  const Layer aggfrag = packet.layers()[layer];
  if (!around.opened || around.refused || packet.ipsec()[*around.opened].layer != aggfrag.outer) return;
  const OpenRecord& record = packet.ipsec()[*around.opened];
  const bool joins = record.replay == ReplayVerdict::fresh || record.replay == ReplayVerdict::reordered;
  const AggfragReassembler::Outcome outcome =
      aggfrag_.add({record.sa, record.sequence, read_u16(aggfrag.header, block_offset_offset), aggfrag.payload, joins,
                    record.restarted});
  if (!outcome.malformed.empty()) packet.add_finding(codes::esp_malformed, "AGGFRAG: " + outcome.malformed, record.sa);
  for (const AggfragReassembler::Inner& one : outcome.inner) {
    if (!has_room(packet, found)) break;
    const Bytes bytes = one.joined ? keep(packet, one.bytes) : one.bytes;
    const BufferIndex buffer = packet.add_buffer(bytes, one.joined ? Origin::aggregated : Origin::decrypted);
    Nesting inside = around;
    inside.inner = packet.add_inner({buffer, *around.opened, around.inner});
    found.push_back({buffer, bytes, bytes.size(), ip_version_claim(bytes[0]), inside});
  }
}

ReassemblyStatistics Assembly::statistics() const {
  return {fragments_.unfinished(), tcp_.unfinished(), aggfrag_.incomplete() - aggfrag_before_};
}

void Assembly::count_anew(std::size_t captures) {
  fragments_.count_anew(captures);
  tcp_.count_anew(captures);
  aggfrag_before_ = aggfrag_.incomplete();
}

}  // namespace espdump
