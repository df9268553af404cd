// The peel loop: layers are dissected until something is sealed or partial; what comes out of that is dissected again.
#include <espdump/decoder.hpp>

#include <algorithm>
#include <utility>

#include <espdump/assert.hpp>
#include <espdump/dissector.hpp>
#include <espdump/wire/ah.hpp>
#include <espdump/wire/esp.hpp>
#include <espdump/wire/ipv4.hpp>
#include <espdump/wire/ipv6.hpp>
#include <espdump/wire/tcp.hpp>
#include <espdump/wire/udp.hpp>

#include "decode/assembly.hpp"
#include "decode/beet.hpp"
#include "decode/esp_input.hpp"
#include "decode/ip_layer.hpp"
#include "decode/transport.hpp"
#include "decode/work.hpp"

namespace espdump {
namespace {

// As deep as Linux goes (XFRM_MAX_DEPTH is 6), and room for fragments around and inside.
constexpr std::size_t most_unwraps = 8;
// How many packets one frame may hold: a TCP segment or an AGGFRAG payload has many.
constexpr std::size_t most_works = 8192;
// What one round of the peel loop may add to a packet, with room to spare.
constexpr std::size_t layers_of_a_round = 64, buffers_of_a_round = 8;

constexpr std::uint8_t dummy_packet = 59;      // RFC 4303 section 2.6: carries nothing
constexpr std::uint8_t aggfrag_payload = 144;  // RFC 9347: any number of packets, and pieces of some

bool is_whole_ah(const Layer& layer) {
  return !layer.quoted && !layer.malformed && layer.protocol->name == wire::Ah::protocol;
}

Encapsulation encapsulation_of(const Packet& packet, const Layer& sealed) {
  if (sealed.outer == no_layer) return Encapsulation::none;
  const std::string_view outer = packet.layers()[sealed.outer].protocol->name;
  return outer == "udpencap" ? Encapsulation::udp : outer == "espintcp" ? Encapsulation::tcp : Encapsulation::none;
}

bool has_room(const Packet& packet) {
  return packet.layers().size() + layers_of_a_round <= Packet::most_layers &&
         packet.buffers().size() + buffers_of_a_round <= Packet::most_buffers;
}

// An IP packet without what stands behind its own length (traffic flow confidentiality padding).
Bytes trim_to_ip_length(Bytes bytes) {
  if (const auto v4 = wire::Ipv4::from(bytes); v4 && bytes[0] >> 4 == 4)
    return v4->total_length() >= v4->header_length() && v4->total_length() <= bytes.size()
               ? bytes.first(v4->total_length())
               : bytes;
  if (const auto v6 = wire::Ipv6::from(bytes); v6 && bytes[0] >> 4 == 6) {
    const std::size_t length = wire::Ipv6::size + v6->payload_length();
    return length <= bytes.size() && v6->payload_length() != 0 ? bytes.first(length) : bytes;
  }
  return bytes;
}

// Traffic flow confidentiality padding (RFC 4303 section 2.7): what stands behind the length of the packet inside.
std::size_t tfc_padding_of(const EspTrailer& trailer) {
  constexpr std::uint8_t ipv4 = 4, ipv6 = 41, udp = 17;
  const Bytes payload = trailer.payload;
  if (trailer.next_header == ipv4 || trailer.next_header == ipv6)
    return payload.size() - trim_to_ip_length(payload).size();
  const auto datagram = wire::Udp::from(payload);
  if (trailer.next_header != udp || !datagram || datagram->length() < wire::Udp::size) return 0;
  return payload.size() - std::min<std::size_t>(payload.size(), datagram->length());
}

}  // namespace

struct Decoder::State {
  State(const Keystore& store, DecoderOptions wanted)
      : options(wanted), flows(store), receiver(flows, wanted), assembly(store) {
    const Dissector* esp_in_udp = claims.find({Space::udp_port, 4500});
    ESPDUMP_ASSERT(esp_in_udp != nullptr);
    for (const std::uint16_t port : store.udp_encapsulation_ports()) claims.add({Space::udp_port, port}, *esp_in_udp);
  }

  void decode(const Frame& frame, Packet& packet);
  void peel(Packet& packet, const Work& work);
  void unwrap(Packet& packet, const ChainEnd& end, const Work& from);
  std::optional<Work> open_esp(Packet& packet, std::size_t layer, std::size_t inside);
  Work unpack(Packet& packet, const EspContents& contents, const IpLayer& outer, InnerPacket inner);
  std::optional<Work> unpack_beet(Packet& packet, const EspContents& contents, const IpLayer& outer, InnerPacket inner);
  void note_ah(Packet& packet, std::size_t layer);
  void note_quotation(Packet& packet, std::size_t layer) const;
  OpenRecord start_record(Packet& packet, std::size_t layer, const IpLayer& outer, EspInput& input) const;

  DecoderOptions options;
  ClaimTable claims;
  FlowTable flows;
  EspReceiver receiver;
  Assembly assembly;
  std::vector<Work> todo;   // the last one is the next
  std::vector<Work> found;  // by the unwrap under way, in order
};

void Decoder::State::decode(const Frame& frame, Packet& packet) {
  packet.frame = frame.number;
  packet.file = frame.file;
  packet.interface = frame.interface;
  packet.time = frame.time;
  packet.link_type = frame.link_type;
  packet.wire_length = frame.wire_length;
  const BufferIndex captured = packet.add_buffer(frame.bytes, Origin::capture);
  todo.push_back({captured, frame.bytes, frame.wire_length, {Space::link_type, frame.link_type}});
  for (std::size_t done = 0; !todo.empty() && done < most_works && has_room(packet); ++done) {
    const Work work = todo.back();
    todo.pop_back();
    peel(packet, work);
  }
  if (!todo.empty())
    packet.add_finding(codes::capture_truncated, "more packets in one frame than are looked at: " +
                                                     std::to_string(todo.size()) + " or more are left out");
  todo.clear();
}

// Dissects one run of bytes. What it holds goes before all that is still to do, so that layers stand in order.
void Decoder::State::peel(Packet& packet, const Work& work) {
  const std::size_t before = packet.layers().size();
  const ChainEnd end = dissect_chain(packet, claims, work.buffer, work.bytes, work.claimed, work.claim, work.outer);
  if (packet.layers().size() == before) return;
  for (std::size_t layer = before; layer < packet.layers().size(); ++layer)
    if (is_whole_ah(packet.layers()[layer])) note_ah(packet, layer);
  if (work.depth < most_unwraps) unwrap(packet, end, work);
  todo.insert(todo.end(), found.rbegin(), found.rend());
  found.clear();
}

void Decoder::State::unwrap(Packet& packet, const ChainEnd& end, const Work& from) {
  const Layer last = packet.layers()[end.layer];
  if (last.quoted) note_quotation(packet, end.layer);
  if (last.quoted || end.shortfall) return;
  const std::string_view name = last.protocol->name;
  if (end.kind == Step::Kind::partial && name == "aggfrag") {
    assembly.add_aggfrag(packet, end.layer, from.nesting, found);
  } else if (end.kind == Step::Kind::partial) {
    assembly.add_fragment(packet, end.layer, from.nesting, found);
  } else if (name == wire::Tcp::protocol && !last.malformed) {
    assembly.add_segment(packet, end.layer, from.nesting, found);
  } else if (end.kind == Step::Kind::sealed && name == wire::Esp::protocol) {
    if (const auto work = open_esp(packet, end.layer, from.nesting.inner)) found.push_back(*work);
  }
  for (Work& work : found) {
    work.outer = static_cast<LayerIndex>(end.layer);
    work.depth = from.depth + 1;
  }
}

OpenRecord Decoder::State::start_record(Packet& packet, std::size_t layer, const IpLayer& outer,
                                        EspInput& input) const {
  const Layer& sealed = packet.layers()[layer];
  input.bytes = whole_layer(packet, sealed);
  input.length = sealed.header.size() + sealed.payload_claimed;
  OpenRecord record;
  record.layer = static_cast<LayerIndex>(layer);
  record.source = outer.source;
  record.destination = outer.destination;
  record.length = input.length;
  record.encapsulation = encapsulation_of(packet, sealed);
  return record;
}

std::optional<Work> Decoder::State::open_esp(Packet& packet, std::size_t layer, std::size_t inside) {
  const std::optional<IpLayer> outer = find_ip_layer(packet, layer);
  if (!outer) return std::nullopt;
  EspInput input;
  OpenRecord record = start_record(packet, layer, *outer, input);
  const wire::Esp esp = wire::Esp::over(packet.layers()[layer].header);
  record.protocol = IpsecProtocol::esp;
  record.spi = esp.spi();
  record.sequence = esp.sequence();
  input.sighting = sighting_of(packet, *outer, input.bytes, input.length, esp.sequence());
  input.sighting.in_stream = record.encapsulation == Encapsulation::tcp;
  const std::optional<EspContents> contents = receiver.receive(input, record, packet);
  packet.ipsec().push_back(record);
  if (!contents) return std::nullopt;
  if (contents->trailer.next_header == dummy_packet) {
    ++flows.session(record.sa).counts.dummies;
    return std::nullopt;
  }
  packet.ipsec().back().tfc_padding = tfc_padding_of(contents->trailer);
  InnerPacket inner;
  inner.record = packet.ipsec().size() - 1;
  inner.inside = inside;
  const bool beet = contents->association->mode == SaMode::beet && contents->trailer.next_header != aggfrag_payload;
  if (beet) return unpack_beet(packet, *contents, *outer, inner);
  return unpack(packet, *contents, *outer, inner);
}

// AH is shown and its numbers are followed; its ICV is not verified.
void Decoder::State::note_ah(Packet& packet, std::size_t layer) {
  const std::optional<IpLayer> outer = find_ip_layer(packet, layer);
  if (!outer) return;
  EspInput input;
  OpenRecord record = start_record(packet, layer, *outer, input);
  const wire::Ah ah = wire::Ah::over(packet.layers()[layer].header);
  record.protocol = IpsecProtocol::ah;
  record.spi = ah.spi();
  record.sequence = ah.sequence();
  record.next_header = ah.next_header();
  input.sighting = sighting_of(packet, *outer, input.bytes, input.length, ah.sequence());
  receiver.receive(input, record, packet);
  packet.ipsec().push_back(record);
}

// Which SA an ICMP error is about.
void Decoder::State::note_quotation(Packet& packet, std::size_t layer) const {
  const Layer& quoted = packet.layers()[layer];
  const std::optional<IpLayer> ip = find_ip_layer(packet, layer);
  const auto esp = wire::Esp::from(quoted.header);
  if (!ip || !esp || quoted.protocol->name != wire::Esp::protocol) return;
  const Flow* flow = flows.peek({ip->source, ip->destination, esp->spi(), IpsecProtocol::esp});
  const Session* session = flow == nullptr ? nullptr : flow->latest_session();
  packet.quoted_ipsec = QuotedIpsec{esp->spi(), esp->sequence(), session == nullptr ? 0 : session->counts.number};
}

std::optional<Work> Decoder::State::unpack_beet(Packet& packet, const EspContents& contents, const IpLayer& outer,
                                                InnerPacket inner) {
  const SecurityAssociation& sa = *contents.association;
  IpAddress source, destination;
  if (sa.selector) source = sa.selector->source.address, destination = sa.selector->destination.address;
  const MutableBytes out = packet.allocate(contents.trailer.payload.size() + beet_growth);
  const auto size = rebuild_beet_packet(sa.selector_family, source, destination, outer.facts,
                                        contents.trailer.next_header, contents.trailer.payload, out);
  OpenRecord& record = packet.ipsec()[inner.record];
  if (!size) {
    packet.add_finding(codes::esp_malformed,
                       "the inner header of this BEET packet cannot be rebuilt: " + size.error().text, record.sa);
    record.decrypted = false;
    --flows.session(record.sa).counts.decrypted;
    return std::nullopt;
  }
  const Bytes rebuilt = out.first(*size);
  inner.buffer = packet.add_buffer(rebuilt, Origin::reconstructed);
  Work work{inner.buffer, rebuilt, rebuilt.size(), ip_version_claim(rebuilt[0])};
  work.nesting.inner = packet.add_inner(inner);
  return work;
}

Work Decoder::State::unpack(Packet& packet, const EspContents& contents, const IpLayer& outer, InnerPacket inner) {
  constexpr std::uint8_t ipv4 = 4, ipv6 = 41;
  const EspTrailer& trailer = contents.trailer;
  const BufferIndex buffer = packet.add_buffer(trailer.payload, Origin::decrypted);
  Work work{buffer, trailer.payload, trailer.payload.size(), {Space::ip_protocol, trailer.next_header}};
  work.nesting.inner = inner.inside;
  if (trailer.next_header == ipv4 || trailer.next_header == ipv6) {
    const Bytes whole = trim_to_ip_length(trailer.payload);
    inner.buffer = whole.size() == trailer.payload.size() ? buffer : packet.add_buffer(whole, Origin::decrypted);
    work.nesting.inner = packet.add_inner(inner);
  } else if (options.keep_inner_packets && trailer.next_header != aggfrag_payload) {
    const MutableBytes out = packet.allocate(outer.headers.size() + trailer.payload.size());
    const std::optional<std::size_t> size =
        rebuild_transport_packet(outer.headers, outer.next_header_offset, trailer.next_header, trailer.payload, out);
    if (!size) return work;
    inner.buffer = packet.add_buffer(out.first(*size), Origin::reconstructed);
    work.nesting.inner = packet.add_inner(inner);
  }
  return work;
}

Decoder::Decoder(const Keystore& keystore, DecoderOptions options)
    : state_(std::make_unique<State>(keystore, options)) {}
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;
Decoder::~Decoder() = default;

void Decoder::decode(const Frame& frame, Packet& out) noexcept {
  out.reset();
  state_->decode(frame, out);
}

std::vector<SaStatistics> Decoder::statistics() const {
  std::vector<SaStatistics> out;
  for (const Session& session : state_->flows.sessions()) out.push_back(session.statistics());
  return out;
}

ReassemblyStatistics Decoder::reassembly() const { return state_->assembly.statistics(); }
std::uint64_t Decoder::untracked_packets() const { return state_->flows.untracked(); }
const Keystore& Decoder::keystore() const { return state_->flows.keystore(); }

}  // namespace espdump
